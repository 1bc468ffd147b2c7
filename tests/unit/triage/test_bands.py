"""Every band boundary of requirements 4.1, both sides, in every unit of the contract."""

from decimal import Decimal

import pytest

from apps.core.observations.rules.units import displayed_from
from apps.core.observations.types import Metric, OutOfRange
from apps.core.triage.rules.bands import (
    DEFAULTS,
    SPO2_STRICT,
    Limits,
    OxygenProfile,
    band_of,
    band_out_of_range,
    check_limits,
    from_plain,
    lines_of,
    quiet_range,
    thresholds_for,
    to_plain,
)
from apps.core.triage.types import Band, Direction, ThresholdRefused

C, W, A, N = Band.CRITICAL, Band.WARNING, Band.ADVISORY, Band.IN_RANGE
SYS, DIA, PUL, OXY, GLU = Metric.SYSTOLIC, Metric.DIASTOLIC, Metric.PULSE, Metric.SPO2, Metric.GLUCOSE

BOUNDARIES = [
    # systolic, mmHg
    (SYS, "mmHg", "180", C), (SYS, "mmHg", "179", W), (SYS, "mmHg", "140", W), (SYS, "mmHg", "139", A),
    (SYS, "mmHg", "130", A), (SYS, "mmHg", "129", N), (SYS, "mmHg", "111", N), (SYS, "mmHg", "110", A),
    (SYS, "mmHg", "101", A), (SYS, "mmHg", "100", W), (SYS, "mmHg", "91", W), (SYS, "mmHg", "90", C),
    (SYS, "mmHg", "179.5", C), (SYS, "mmHg", "179.4", W), (SYS, "mmHg", "90.4", C), (SYS, "mmHg", "90.5", W),
    # systolic, kPa (one decimal is the finest a cuff shows)
    (SYS, "kPa", "24.0", C), (SYS, "kPa", "23.9", W), (SYS, "kPa", "18.6", W), (SYS, "kPa", "18.5", A),
    (SYS, "kPa", "17.3", A), (SYS, "kPa", "17.2", N), (SYS, "kPa", "14.8", N), (SYS, "kPa", "14.7", A),
    (SYS, "kPa", "13.4", A), (SYS, "kPa", "13.3", W), (SYS, "kPa", "12.1", W), (SYS, "kPa", "12.0", C),
    # diastolic, mmHg
    (DIA, "mmHg", "120", C), (DIA, "mmHg", "119", W), (DIA, "mmHg", "90", W), (DIA, "mmHg", "89", A),
    (DIA, "mmHg", "80", A), (DIA, "mmHg", "79", N), (DIA, "mmHg", "60", N), (DIA, "mmHg", "59", W),
    (DIA, "mmHg", "50", W), (DIA, "mmHg", "49", C), (DIA, "mmHg", "49.4", C), (DIA, "mmHg", "49.5", W),
    # diastolic, kPa
    (DIA, "kPa", "16.0", C), (DIA, "kPa", "15.9", W), (DIA, "kPa", "12.0", W), (DIA, "kPa", "11.9", A),
    (DIA, "kPa", "10.6", A), (DIA, "kPa", "10.5", N), (DIA, "kPa", "8.0", N), (DIA, "kPa", "7.9", W),
    (DIA, "kPa", "6.6", W), (DIA, "kPa", "6.5", C),
    # pulse, bpm
    (PUL, "bpm", "131", C), (PUL, "bpm", "130", W), (PUL, "bpm", "111", W), (PUL, "bpm", "110", A),
    (PUL, "bpm", "91", A), (PUL, "bpm", "90", N), (PUL, "bpm", "51", N), (PUL, "bpm", "50", A),
    (PUL, "bpm", "41", A), (PUL, "bpm", "40", C),
    # SpO2, standard profile
    (OXY, "%", "95", N), (OXY, "%", "94", A), (OXY, "%", "92", A), (OXY, "%", "91", W),
    (OXY, "%", "88", W), (OXY, "%", "87", C), (OXY, "%", "87.5", W), (OXY, "%", "87.4", C),
    # glucose, mg/dL
    (GLU, "mg/dL", "301", C), (GLU, "mg/dL", "300", W), (GLU, "mg/dL", "251", W), (GLU, "mg/dL", "250", A),
    (GLU, "mg/dL", "181", A), (GLU, "mg/dL", "180", N), (GLU, "mg/dL", "70", N), (GLU, "mg/dL", "69", W),
    (GLU, "mg/dL", "54", W), (GLU, "mg/dL", "53", C), (GLU, "mg/dL", "53.4", C), (GLU, "mg/dL", "53.5", W),
    # glucose, mmol/L (one decimal)
    (GLU, "mmol/L", "16.7", C), (GLU, "mmol/L", "16.6", W), (GLU, "mmol/L", "14.0", W), (GLU, "mmol/L", "13.9", A),
    (GLU, "mmol/L", "10.1", A), (GLU, "mmol/L", "10.0", N), (GLU, "mmol/L", "3.9", N), (GLU, "mmol/L", "3.8", W),
    (GLU, "mmol/L", "3.0", W), (GLU, "mmol/L", "2.9", C),
]  # fmt: skip


@pytest.mark.parametrize(("metric", "unit", "value", "band"), BOUNDARIES)
def test_boundary(metric: Metric, unit: str, value: str, band: Band) -> None:
    shown = displayed_from(metric, Decimal(value), unit)
    assert band_of(DEFAULTS[metric], shown)[0] is band


@pytest.mark.parametrize(("value", "band"), [(96, N), (95, A), (94, A), (93, W), (92, W), (91, C)])
def test_strict_oxygen_profile(value: int, band: Band) -> None:
    limits = thresholds_for({}, {}, oxygen_target_low=False, on_oxygen=False, oxygen_profile=OxygenProfile.STRICT)
    assert limits[OXY] == SPO2_STRICT
    assert band_of(limits[OXY], value)[0] is band


@pytest.mark.parametrize(
    ("value", "on_oxygen", "band"),
    [(84, False, C), (85, False, W), (87, False, W), (88, False, N), (93, False, N), (96, True, N), (97, True, A),
     (97, False, N), (100, False, N)],
)  # fmt: skip
def test_low_target_oxygen_profile(value: int, on_oxygen: bool, band: Band) -> None:
    limits = thresholds_for({}, {}, oxygen_target_low=True, on_oxygen=on_oxygen)
    assert band_of(limits[OXY], value)[0] is band


def test_a_marked_patient_keeps_the_low_target_in_a_strict_practice() -> None:
    limits = thresholds_for({}, {}, oxygen_target_low=True, on_oxygen=False, oxygen_profile=OxygenProfile.STRICT)
    assert band_of(limits[OXY], 90)[0] is N


def test_the_patients_own_limits_win_over_the_practices() -> None:
    practice, own = {SYS: Limits(warning_high=150)}, {SYS: Limits(warning_high=160)}
    assert thresholds_for(practice, {}, oxygen_target_low=False, on_oxygen=False)[SYS].warning_high == 150
    assert thresholds_for(practice, own, oxygen_target_low=False, on_oxygen=False)[SYS].warning_high == 160


@pytest.mark.parametrize("limits", [*DEFAULTS.values(), SPO2_STRICT, Limits(warning_high=5), Limits(critical_low=7)])
def test_the_quiet_range_is_exactly_where_no_band_begins(limits: Limits) -> None:
    low, high = quiet_range(limits)
    for value in range(1000):
        assert (low < value < high) == (band_of(limits, value)[0] is N)


def test_lo_and_hi_are_critical() -> None:
    assert band_out_of_range(OutOfRange.LO) == (C, Direction.LOW)
    assert band_out_of_range(OutOfRange.HI) == (C, Direction.HIGH)


def test_direction_tells_the_side() -> None:
    assert band_of(DEFAULTS[SYS], 180)[1] is Direction.HIGH
    assert band_of(DEFAULTS[SYS], 90)[1] is Direction.LOW
    assert band_of(DEFAULTS[SYS], 120)[1] is Direction.NONE


def test_limits_survive_storage() -> None:
    assert from_plain(to_plain(DEFAULTS)) == DEFAULTS


@pytest.mark.parametrize(
    "limits", [Limits(), Limits(warning_high=180, critical_high=140), Limits(warning_low=140, warning_high=140)]
)
def test_limits_that_contradict_are_refused(limits: Limits) -> None:
    with pytest.raises(ThresholdRefused):
        check_limits(limits)


@pytest.mark.parametrize(
    "plain", [{"mood": {"warning_high": 1}}, {"systolic": {"worrying": 1}}, {"systolic": {"warning_high": "140"}}]
)
def test_unknown_limits_are_refused(plain: dict[str, dict[str, int | None]]) -> None:
    with pytest.raises(ThresholdRefused):
        from_plain(plain)


def test_lines_for_a_chart() -> None:
    lines = {(line.band, line.direction): line.value for line in lines_of(DEFAULTS[DIA])}
    assert lines == {
        (C, Direction.HIGH): 120, (W, Direction.HIGH): 90, (A, Direction.HIGH): 80,
        (C, Direction.LOW): 49, (W, Direction.LOW): 59,
    }  # fmt: skip

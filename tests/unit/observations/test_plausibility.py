"""What can't be true, each limit on both sides; and what is too dangerous to be held in silence."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from apps.core.observations.rules.duplicates import is_near_duplicate
from apps.core.observations.rules.plausibility import (
    fault_of_time,
    faults_of_values,
    is_dangerous,
    is_history,
    jumps,
)
from apps.core.observations.rules.reading import JudgedReading, judge_reading, local_date_of
from apps.core.observations.types import DeviceReading, InvalidReading, Metric, ReadingKind, RecordRequest
from apps.core.patients.types import PatientContext, device_model
from tests.factories.readings import reading

NOW = datetime(2026, 3, 12, 15, 0, tzinfo=UTC)
M = Metric
BP, SPO2 = ReadingKind.BLOOD_PRESSURE, ReadingKind.SPO2
PATIENT = PatientContext(UUID(int=1), UUID(int=2), "America/Chicago", (), False, False, True, date(2026, 1, 1))


def judge(given: DeviceReading, **fields: object) -> JudgedReading:
    limits = device_model(given.device_model).limits
    request = RecordRequest(given, PATIENT, UUID(int=3), device_limits=limits)
    return judge_reading(replace(request, **fields), NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("metric", "low", "high", "step"),
    [
        (M.SYSTOLIC, 60, 300, "1"),
        (M.DIASTOLIC, 30, 200, "1"),
        (M.PULSE, 30, 250, "1"),
        (M.SPO2, 50, 100, "1"),
        (M.GLUCOSE, 20, 600, "1"),
        (M.WEIGHT, 20, 350, "0.1"),
    ],
)
def test_absolute_limits(metric: Metric, low: int, high: int, step: str) -> None:
    for value in (Decimal(low), Decimal(high)):
        assert faults_of_values({metric: value}, ()) == {}
    for value in (low - Decimal(step), high + Decimal(step)):
        assert faults_of_values({metric: value}, ()) == {metric: f"{metric}_outside_limits"}


def test_limits_judge_what_is_displayed() -> None:
    assert judge(reading(BP, NOW, "300.4", 100), device_limits=()).reasons == ()
    assert judge(reading(BP, NOW, "300.5", 100), device_limits=()).reasons == ("systolic_outside_limits",)


@pytest.mark.parametrize(
    ("model", "metric", "inside", "outside"),
    [
        ("UA-651BLE", M.SYSTOLIC, 279, 280),
        ("UA-651BLE", M.DIASTOLIC, 40, 39),
        ("UA-651BLE", M.PULSE, 180, 181),
        ("UA-767PBT-Ci", M.SYSTOLIC, 280, 281),
        ("UC-352BLE", M.WEIGHT, 200, 201),
    ],
)
def test_the_instruments_own_range(model: str, metric: Metric, inside: int, outside: int) -> None:
    limits = device_model(model).limits
    assert faults_of_values({metric: Decimal(inside)}, limits) == {}
    assert faults_of_values({metric: Decimal(outside)}, limits) == {metric: f"{metric}_outside_device_range"}


def test_diastolic_lies_below_systolic() -> None:
    assert faults_of_values({M.SYSTOLIC: Decimal(90), M.DIASTOLIC: Decimal(89)}, ()) == {}
    assert faults_of_values({M.SYSTOLIC: Decimal(90), M.DIASTOLIC: Decimal(90)}, ()) == {
        M.DIASTOLIC: "diastolic_not_below_systolic"
    }


@pytest.mark.parametrize(
    ("metric", "dangerous", "not_dangerous"),
    [
        (M.SYSTOLIC, 90, 91),
        (M.SYSTOLIC, 180, 179),
        (M.DIASTOLIC, 49, 50),
        (M.DIASTOLIC, 120, 119),
        (M.PULSE, 40, 41),
        (M.PULSE, 131, 130),
        (M.SPO2, 87, 88),
        (M.GLUCOSE, 53, 54),
        (M.GLUCOSE, 301, 300),
    ],
)
def test_a_value_in_the_default_critical_band_is_dangerous(metric: Metric, dangerous: int, not_dangerous: int) -> None:
    assert is_dangerous({metric: Decimal(dangerous)})
    assert not is_dangerous({metric: Decimal(not_dangerous)})


@pytest.mark.parametrize(
    ("given", "dangerous"),
    [
        ((72, 38, 118), True),
        ((122, 39, 70), True),
        ((184, 39), True),
        ((122, 75, 34), True),
        ((122, 75, 190), True),
        ((100, 100), False),
    ],
)
def test_a_held_reading_is_dangerous_for_any_of_its_values(given: tuple[int, ...], dangerous: bool) -> None:
    judged = judge(replace(reading(BP, NOW, *given), device_model="UA-651BLE"))
    assert judged.reasons
    assert judged.dangerous is dangerous


def test_what_is_not_held_is_judged_by_its_band() -> None:
    judged = judge(reading(BP, NOW, 184, 122, 150))
    assert (judged.reasons, judged.dangerous) == ((), False)


@pytest.mark.parametrize("ahead", [timedelta(minutes=11), -timedelta(days=401)])
def test_a_wrong_clock_does_not_hide_a_danger(ahead: timedelta) -> None:
    judged = judge(reading(BP, NOW + ahead, 184, 122))
    assert (judged.kinds, judged.clock_wrong, judged.dangerous) == ((), True, True)
    assert judge(reading(ReadingKind.GLUCOSE, NOW + ahead, "LO")).dangerous
    assert not judge(reading(BP, NOW + ahead, 124, 72)).dangerous
    assert not judge(reading(ReadingKind.GLUCOSE, NOW + ahead, "HI", control_solution=True)).dangerous


def test_a_systolic_of_20_is_held_and_dangerous() -> None:
    judged = judge(reading(BP, NOW, 20, 10))
    assert (judged.kinds, judged.dangerous) == ((), True)
    assert judged.reasons == ("diastolic_outside_limits", "systolic_outside_limits")


def test_an_implausible_pulse_is_held_alone() -> None:
    judged = judge(reading(BP, NOW, 130, 80, 39))
    assert (judged.kinds, judged.reasons, judged.dangerous) == ((BP,), ("pulse_outside_device_range",), True)


def test_an_implausible_saturation_holds_the_whole_reading() -> None:
    judged = judge(reading(SPO2, NOW, 45, 70))
    assert (judged.kinds, judged.reasons, judged.dangerous) == ((), ("spo2_outside_limits",), True)


def test_a_person_may_confirm_what_seems_implausible() -> None:
    judged = judge(reading(BP, NOW, 58, 35), accepted_by=UUID(int=9))
    assert (judged.kinds, judged.reasons, judged.dangerous) == ((BP,), (), False)


def test_a_meters_hi_is_not_implausible() -> None:
    assert judge(reading(ReadingKind.GLUCOSE, NOW, "HI")).kinds == (ReadingKind.GLUCOSE,)


@pytest.mark.parametrize(
    ("offset", "fault"),
    [
        (timedelta(minutes=10), ""),
        (timedelta(minutes=10, seconds=1), "measured_in_future"),
        (-timedelta(days=400), ""),
        (-timedelta(days=400, seconds=1), "measured_too_long_ago"),
    ],
)
def test_time_of_measurement(offset: timedelta, fault: str) -> None:
    assert fault_of_time(NOW + offset, NOW) == fault


def test_history_begins_after_thirty_days() -> None:
    assert not is_history(NOW - timedelta(days=30), NOW)
    assert is_history(NOW - timedelta(days=30, seconds=1), NOW)


@pytest.mark.parametrize(("weight", "jump"), [("90.0", False), ("90.04", False), ("90.1", True), ("69.9", True)])
def test_ten_kilograms_a_day_are_the_most(weight: str, jump: bool) -> None:
    assert jumps(Decimal(weight), Decimal("80.0")) is jump


def test_an_untrusted_clock_gives_way_to_the_gateways() -> None:
    given = replace(reading(BP, NOW - timedelta(days=800), 120, 70, clock_trusted=False), received_at=NOW)
    assert given.effective_at == NOW
    assert judge(given).kinds == (BP,)


@pytest.mark.parametrize(
    "given",
    [
        reading(BP, NOW, 120),
        replace(reading(SPO2, NOW, 95), kind=ReadingKind.WEIGHT),
        reading(BP, NOW, 120, 70, unit="kg"),
    ],
)
def test_a_reading_that_is_not_one_of_its_kind_is_refused(given: DeviceReading) -> None:
    with pytest.raises(InvalidReading):
        judge(given)


def test_near_duplicates_look_back_sixty_seconds() -> None:
    values = {M.SPO2: Decimal(95)}
    second = timedelta(seconds=1)
    assert is_near_duplicate(values, NOW, values, NOW - 60 * second)
    assert not is_near_duplicate(values, NOW, values, NOW - 61 * second)
    assert not is_near_duplicate(values, NOW, values, NOW + second)
    assert not is_near_duplicate(values, NOW, {M.SPO2: Decimal(96)}, NOW - second)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 8, 5, 59, tzinfo=UTC), date(2026, 3, 7)),
        (datetime(2026, 3, 8, 6, 0, tzinfo=UTC), date(2026, 3, 8)),
        (datetime(2026, 3, 9, 4, 59, tzinfo=UTC), date(2026, 3, 8)),
        (datetime(2026, 3, 9, 5, 0, tzinfo=UTC), date(2026, 3, 9)),
    ],
)
def test_the_day_is_the_patients_own_also_when_the_clocks_change(moment: datetime, day: date) -> None:
    assert local_date_of(moment, "America/Chicago") == day

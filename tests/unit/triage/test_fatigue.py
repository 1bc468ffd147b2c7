"""The fatigue controls take warnings away and no critical alert: a month of patients, and any history at all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.observations.types import Metric, ReadingKind
from apps.core.triage.management.commands import simulate_fatigue
from apps.core.triage.rules.duty import Duty, ServiceHours
from apps.core.triage.rules.invented import InventedPatient, InventedReading, invented_patient
from apps.core.triage.services.rehearsal import Rehearsal, rehearse
from apps.core.triage.types import RuleCode, Severity

ZONE = ZoneInfo("America/Chicago")
BEGINS = datetime(2026, 3, 2, 6, tzinfo=UTC)
CONTROLLED = Duty(ServiceHours(ZONE))
UNCONTROLLED = replace(CONTROLLED, holds_back=False)
DAY_LIMIT = {rule.value: {Severity.WARNING.value: 86_400} for rule in RuleCode}


@pytest.fixture(autouse=True)
def warnings_open_at_once() -> None:
    """Here they wait."""


def both(patient: InventedPatient, days: int) -> tuple[Rehearsal, Rehearsal]:
    controlled, uncontrolled = (
        rehearse(patient, duty=duty, zone=ZONE, days=days, repeat_limits=DAY_LIMIT)
        for duty in (CONTROLLED, UNCONTROLLED)
    )
    return controlled, uncontrolled


def test_a_month_keeps_its_critical_alerts_and_loses_warnings() -> None:
    chance = Random(7)
    patients = [invented_patient(chance, begins=BEGINS, days=30, zone=ZONE) for _ in range(12)]
    pairs = [both(patient, 30) for patient in patients]
    assert [(one.critical, one.urgent) for one, _ in pairs] == [(other.critical, other.urgent) for _, other in pairs]
    assert sum(len(one.critical) for one, _ in pairs) >= 5, "nothing to keep"
    assert sum(len(one.warning) for one, _ in pairs) < 0.95 * sum(len(other.warning) for _, other in pairs)


_PRESSURES = st.tuples(st.sampled_from((95, 118, 130, 139, 141, 150, 168, 179, 181, 190, 204)), st.integers(52, 122))
_VALUES = st.one_of(
    _PRESSURES.map(
        lambda pair: (
            ReadingKind.BLOOD_PRESSURE,
            {Metric.SYSTOLIC: pair[0], Metric.DIASTOLIC: min(pair[1], pair[0] - 5)},
        )
    ),
    st.sampled_from((48, 66, 120, 255, 310)).map(lambda level: (ReadingKind.GLUCOSE, {Metric.GLUCOSE: level})),
    st.sampled_from((85, 89, 93, 97)).map(lambda level: (ReadingKind.SPO2, {Metric.SPO2: level})),
    st.sampled_from((80, 81, 83)).map(lambda kilograms: (ReadingKind.WEIGHT, {Metric.WEIGHT: kilograms})),
)
_GAPS = st.sampled_from((2, 5, 14, 15, 16, 30, 61, 240, 700, 1440, 4000))
_DELAYS = st.sampled_from((0, 0, 0, 1, 12, 20, 300, 1700))


@given(st.lists(st.tuples(_GAPS, _DELAYS, _VALUES), min_size=1, max_size=25), st.booleans())
@settings(max_examples=120)
def test_no_history_loses_or_delays_a_critical_alert(
    steps: list[tuple[int, int, tuple[ReadingKind, dict[Metric, int]]]], failing_heart: bool
) -> None:
    at, readings = BEGINS, []
    for gap, delay, (kind, values) in steps:
        at += timedelta(minutes=gap)
        exact = {metric: Decimal(value) for metric, value in values.items()}
        readings.append(InventedReading(kind, exact, at, at + timedelta(minutes=delay, seconds=7)))
    readings.sort(key=lambda one: one.arrived_at)
    patient = InventedPatient(("heart_failure",) if failing_heart else (), tuple(readings))
    controlled, uncontrolled = both(patient, 60)
    assert controlled.critical == uncontrolled.critical
    assert controlled.urgent == uncontrolled.urgent


def test_the_command_prints_both_counts_per_patient_week() -> None:
    out = StringIO()
    call_command("simulate_fatigue", patients=3, days=14, seed=2, stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("without controls") and lines[1].startswith("with controls")
    assert all("per patient-week" in line for line in lines[:2])
    assert lines[2] == "critical alerts: identical in content and time"


def test_the_command_fails_if_one_critical_alert_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(patient: InventedPatient, *, duty: Duty, **options: object) -> Rehearsal:
        outcome = rehearse(patient, duty=duty, **options)  # type: ignore[arg-type]
        if duty.holds_back:
            outcome.urgent.append((BEGINS, "critical_alert"))
        return outcome

    monkeypatch.setattr(simulate_fatigue, "rehearse", forgetful)
    with pytest.raises(CommandError, match="differ"):
        call_command("simulate_fatigue", patients=1, days=3, stdout=StringIO())

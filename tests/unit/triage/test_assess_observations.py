"""From recorded readings to alerts, score, board, summary and notification rows."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.observations.models import Observation
from apps.core.observations.types import DeviceReading, ReadingKind, RecordStatus
from apps.core.patients.models import Patient
from apps.core.triage.models import Alert, BoardStamp, RiskScore, TriageState
from apps.core.triage.services import reassess_patients, resolve_alert
from apps.core.triage.services.assessment import rebuilt_windows
from apps.core.triage.types import AlertState, RuleCode, Severity
from apps.foundation.audit import services as audit
from apps.foundation.notifications.models import Notification
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor
from tests.cast import CastPractice
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, reading, record, request_for, send

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

Board = Callable[[UUID], dict[str, Any]]


def in_range_month(now: datetime, days: int = 30) -> list[DeviceReading]:
    """A complete month in range: one pressure with pulse each morning."""
    return [
        pressure(now - DAY * back - HOUR, 118 + back % 5, 70 + back % 4, 64 + back % 3) for back in range(days, 0, -1)
    ]


def test_a_crisis_in_a_complete_patient_scores_76(patient: UUID, now: datetime, board: Board) -> None:
    send(patient, in_range_month(now), now - HOUR)
    assert Patient.objects.get(id=patient).risk_score == 0

    send(patient, [pressure(now, 184, 122)], now)

    row = Patient.objects.get(id=patient)
    assert (row.risk_score, row.risk_level, row.open_alerts, row.unacknowledged_alerts) == (76, "critical", 1, 1)
    assert row.worst_severity == "critical"
    assert row.last_reading_at == now
    alert = Alert.objects.get()
    assert (alert.rule, alert.severity, alert.state) == ("blood_pressure_high", "critical", "new")
    assert alert.clock_due_at == now + timedelta(minutes=30)
    assert [(part["code"], part["points"]) for part in board(patient)["parts"]] == [("current", 60), ("floor", 16)]
    notification = Notification.objects.get()
    assert (notification.kind, notification.reference, notification.urgency) == ("critical_alert", alert.id, "high")


def test_a_reading_sent_again_changes_nothing(patient: UUID, now: datetime) -> None:
    given = pressure(now, 184, 122)
    send(patient, [given], now)
    stamp, scores = BoardStamp.objects.get().version, RiskScore.objects.count()

    outcome = send(patient, [given], now + HOUR)

    assert [one.status for one in outcome] == [RecordStatus.DUPLICATE]
    assert (BoardStamp.objects.get().version, RiskScore.objects.count()) == (stamp, scores)
    assert Observation.objects.count() == 1
    assert len(Alert.objects.get().facts["readings"]) == 1


def test_later_breaches_join_the_episode_and_may_raise_it(patient: UUID, now: datetime) -> None:
    send(patient, [pressure(now - 2 * HOUR, 150, 85)], now - 2 * HOUR)
    send(patient, [pressure(now - HOUR, 155, 85)], now - HOUR)
    alert = Alert.objects.get()
    assert (alert.severity, len(alert.facts["readings"])) == ("warning", 2)

    send(patient, [pressure(now, 190, 85)], now)

    alert = Alert.objects.get()
    assert (alert.severity, len(alert.facts["readings"])) == ("critical", 3)
    assert alert.facts["values"] == [190, 85]
    assert alert.clock_started_at == now
    assert Patient.objects.get(id=patient).risk_score == 76


def test_both_sides_of_a_pressure_are_two_rules(patient: UUID, now: datetime) -> None:
    send(patient, [pressure(now, 150, 48)], now)
    assert dict(Alert.objects.values_list("rule", "severity")) == {
        "blood_pressure_high": "warning",
        "blood_pressure_low": "critical",
    }


@pytest.mark.parametrize(("shown", "rule"), [("LO", "glucose_low"), ("HI", "glucose_high")])
def test_a_meter_beyond_its_scale_is_critical(patient: UUID, now: datetime, shown: str, rule: str) -> None:
    send(patient, [reading(ReadingKind.GLUCOSE, now, shown)], now)
    assert dict(Alert.objects.values_list("rule", "severity")) == {rule: "critical"}


def test_a_late_reading_is_never_the_current_one(patient: UUID, now: datetime, board: Board) -> None:
    send(patient, [pressure(now - HOUR, 120, 70)], now)
    send(patient, [pressure(now - 2 * HOUR, 150, 70)], now)
    latest = board(patient)["latest"]
    assert [one["values"] for one in latest] == [[120, 70]]
    assert [part["code"] for part in board(patient)["parts"]] == ["floor"]


def test_older_than_thirty_days_is_history_without_an_alert(patient: UUID, now: datetime) -> None:
    outcome = send(patient, [pressure(now - 30 * DAY - HOUR, 200, 130)], now)
    assert [one.status for one in outcome] == [RecordStatus.RECORDED]
    assert outcome[0].observations[0].history_only
    assert Observation.objects.count() == 1
    assert not Alert.objects.exists()


def _mixed_month(now: datetime, chance: random.Random) -> list[DeviceReading]:
    given: list[DeviceReading] = []
    weight = 82.0
    for back in range(20, -1, -1):
        at = now - DAY * back - HOUR
        given.append(pressure(at, chance.randint(112, 182), chance.randint(62, 105), chance.randint(55, 118)))
        given.append(reading(ReadingKind.GLUCOSE, at + timedelta(minutes=5), chance.randint(75, 290)))
        given.append(
            reading(ReadingKind.SPO2, at + timedelta(minutes=9), chance.randint(89, 98), chance.randint(55, 100))
        )
        weight += chance.uniform(-0.4, 0.9)
        given.append(reading(ReadingKind.WEIGHT, at + timedelta(minutes=12), f"{weight:.1f}"))
    twin = given[4]
    given.append(
        reading(
            ReadingKind.BLOOD_PRESSURE, twin.measured_at + timedelta(seconds=40), *[str(v.value) for v in twin.values]
        )
    )
    return given


def _result(patient_id: UUID) -> dict[str, Any]:
    state = TriageState.objects.get(id=patient_id)
    parts = [
        {**part, "facts": {name: value for name, value in part["facts"].items() if name not in ("ids", "readings")}}
        for part in state.board["parts"]
    ]
    alerts = {
        alert.rule: (alert.severity, alert.state, alert.facts.get("values"), len(alert.facts["readings"]))
        for alert in Alert.objects.filter(patient_id=patient_id)
    }
    window = {kind: [entry[:-2] for entry in entries] for kind, entries in state.window.items()}
    observations = sorted(
        Observation.objects.filter(patient_id=patient_id).values_list("reading_id", "kind", "status", "effective_at")
    )
    return {"score": state.board["score"], "parts": parts, "alerts": alerts, "window": window, "rows": observations}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("group", [1, 7, 100])
def test_the_order_of_arrival_leaves_no_trace(highland: CastPractice, now: datetime, seed: int, group: int) -> None:
    readings = _mixed_month(now, random.Random(seed))
    in_order = enrol_patient(highland, conditions=("heart_failure",))
    shuffled = enrol_patient(highland, conditions=("heart_failure",))
    for given in readings:
        send(in_order, [given], now)
    expected = _result(in_order)
    Observation.objects.filter(patient_id=in_order)._raw_delete("default")  # the same reading ids again, elsewhere

    mixed = [*readings, *readings[::3]]
    random.Random(seed + 100).shuffle(mixed)
    for start in range(0, len(mixed), group):
        send(shuffled, mixed[start : start + group], now)

    assert _result(shuffled) == expected


def test_the_window_equals_its_rebuild(patient: UUID, now: datetime) -> None:
    readings = [*_mixed_month(now, random.Random(5)), pressure(now - 40 * DAY, 120, 70)]
    random.Random(1).shuffle(readings)
    for start in range(0, len(readings), 9):
        send(patient, readings[start : start + 9], now)
    assert rebuilt_windows([patient], now=now)[patient] == TriageState.objects.get(id=patient).window


def test_a_batch_costs_the_same_queries_for_one_patient_and_for_twenty(highland: CastPractice, now: datetime) -> None:
    """SQLite takes 999 values a statement: beyond some 70 observations an insert becomes two."""
    patients = [enrol_patient(highland) for _ in range(20)]
    for patient_id in patients:
        send(patient_id, [pressure(now - DAY, 150, 85, 70)], now - DAY)

    def queries(chosen: list[UUID], minute: int) -> int:
        at = now + timedelta(minutes=minute)
        requests = [request_for(pressure(at, 150, 85, 70), patient_id) for patient_id in chosen]
        with CaptureQueriesContext(connection) as captured:
            record(requests, at)
        return len(captured)

    one, twenty = queries(patients[:1], 0), queries(patients, 5)
    assert twenty == one
    assert twenty <= 22


def test_a_reading_of_a_patient_who_is_not_monitored_opens_nothing(highland: CastPractice, now: datetime) -> None:
    patient_id = enrol_patient(highland)
    request = request_for(pressure(now, 200, 130), patient_id)
    record([replace(request, patient=replace(request.patient, active=False))], now)
    assert not Alert.objects.exists()


def test_heart_failure_gain_with_low_oxygen_is_critical(highland: CastPractice, now: datetime, board: Board) -> None:
    """Example 7 of requirements 4.3: +2.4 kg in 3 days and SpO2 86 with a low oxygen target."""
    patient_id = enrol_patient(highland, conditions=("heart_failure", "copd"), oxygen_target_low=True)
    send(patient_id, [reading(ReadingKind.WEIGHT, now - 3 * DAY, "80.0")], now - 3 * DAY)
    send(patient_id, [reading(ReadingKind.WEIGHT, now - HOUR, "82.4")], now - HOUR)
    assert dict(Alert.objects.values_list("rule", "severity")) == {"weight_gain": "warning"}

    send(patient_id, [reading(ReadingKind.SPO2, now, 86)], now)

    assert dict(Alert.objects.values_list("rule", "severity")) == {"weight_gain": "critical", "spo2_low": "warning"}
    assert [(part["code"], part["points"]) for part in board(patient_id)["parts"]] == [
        ("current", 60),
        ("other_metrics", 10),
        ("floor", 6),
    ]


def test_a_plain_gain_of_another_patient_says_nothing(patient: UUID, now: datetime) -> None:
    send(patient, [reading(ReadingKind.WEIGHT, now - DAY, "80.0"), reading(ReadingKind.WEIGHT, now, "84.0")], now)
    assert not Alert.objects.exists()


def test_repeat_limit_keeps_a_closed_warning_quiet_for_an_hour(
    highland: CastPractice, patient: UUID, now: datetime
) -> None:
    send(patient, [pressure(now, 150, 85)], now)
    _close(patient, now)
    send(patient, [pressure(now + timedelta(minutes=30), 151, 85)], now + timedelta(minutes=30))
    assert Alert.objects.filter(closed_at__isnull=True).count() == 0
    send(patient, [pressure(now + timedelta(minutes=61), 152, 85)], now + timedelta(minutes=61))
    assert Alert.objects.filter(closed_at__isnull=True).count() == 1


def test_a_closed_critical_alert_opens_again_at_once(patient: UUID, now: datetime) -> None:
    send(patient, [pressure(now, 190, 85)], now)
    _close(patient, now)
    send(patient, [pressure(now + timedelta(minutes=1), 190, 86)], now + timedelta(minutes=1))
    assert Alert.objects.filter(closed_at__isnull=True, severity=Severity.CRITICAL).count() == 1


def _close(patient_id: UUID, now: datetime) -> None:
    alert = Alert.objects.get(patient_id=patient_id)
    by = Actor.system("test", current_practice_id())
    resolve_alert(alert_id=alert.id, patient_id=patient_id, code="called_advice", by=by, now=now)
    assert Alert.objects.get().state == AlertState.RESOLVED


def test_the_rule_of_an_alert_is_the_worst_reading_of_the_episode(patient: UUID, now: datetime) -> None:
    send(patient, [pressure(now - HOUR, 170, 85), pressure(now, 150, 85)], now)
    assert Alert.objects.get(rule=RuleCode.BLOOD_PRESSURE_HIGH).facts["values"] == [170, 85]


def test_a_correction_takes_the_reading_out_of_the_score(highland: CastPractice, patient: UUID, now: datetime) -> None:
    send(patient, [pressure(now - HOUR, 120, 70), pressure(now, 150, 70)], now)
    _close(patient, now)
    assert Patient.objects.get(id=patient).risk_score == 30
    by = highland.system
    with audit.batch("observation.correct", by=by):
        Observation.objects.filter(effective_at=now).update(status="entered_in_error")
        reassess_patients([patient], by=by, now=now, cause="correction", rebuild=True)
    assert Patient.objects.get(id=patient).risk_score == 0

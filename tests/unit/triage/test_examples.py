"""The worked examples of requirements 4.3 that need a life around the score: through the services."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from apps.core.observations.models import Observation
from apps.core.observations.types import ReadingKind
from apps.core.patients.models import Patient
from apps.core.triage import services
from apps.core.triage.models import Alert
from apps.core.triage.rules import repeats
from apps.foundation.audit import services as audit
from tests.cast import CastPractice
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, reading, send

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def stands(patient_id: UUID) -> tuple[int | None, str, bool]:
    row = Patient.objects.get(id=patient_id)
    return row.risk_score, row.risk_level, row.is_stale


def test_5_nothing_for_five_days_with_an_acknowledged_warning(
    highland: CastPractice, patient: UUID, now: datetime, board: Callable[[UUID], dict[str, Any]]
) -> None:
    send(patient, [pressure(now, 150, 85)], now)
    alert = Alert.objects.get()
    services.acknowledge_alert(alert_id=alert.id, patient_id=patient, by=highland.system, now=now + HOUR)
    services.reassess_due(now=now + 5 * DAY)
    assert stands(patient) == (26, "warning", True)
    parts = {part["code"]: part["points"] for part in board(patient)["parts"]}
    assert parts == {"missing_data": 15, "floor": 11}


def test_6_saturation_93_is_in_range_for_a_low_target(highland: CastPractice, now: datetime) -> None:
    patient_id = enrol_patient(highland, conditions=("copd",), oxygen_target_low=True)
    send(patient_id, [reading(ReadingKind.SPO2, now, 93)], now)
    assert stands(patient_id) == (0, "normal", False)


def test_8_an_acknowledged_critical_alert_keeps_its_place_for_days(
    highland: CastPractice, patient: UUID, now: datetime
) -> None:
    send(patient, [pressure(now, 184, 122)], now)
    alert = Alert.objects.get()
    services.acknowledge_alert(alert_id=alert.id, patient_id=patient, by=highland.system, now=now + HOUR)
    for days in (1, 2, 3, 5):
        services.reassess_due(now=now + days * DAY)
        score, level, _ = stands(patient)
        assert score is not None
        assert (score >= 76, level) == (True, "critical")


def test_9_a_normal_repeat_and_the_resolution_leave_nothing(
    highland: CastPractice, patient: UUID, now: datetime
) -> None:
    send(patient, [pressure(now, 184, 122)], now)
    send(patient, [pressure(now + HOUR, 124, 78)], now + HOUR)
    assert stands(patient)[:2] == (76, "critical")
    services.resolve_alert(
        alert_id=Alert.objects.get().id, patient_id=patient, code="repeat_normal", by=highland.system, now=now + HOUR
    )
    assert stands(patient) == (0, "normal", False)


def test_a_quick_loss_on_diuretics_is_a_warning(highland: CastPractice, now: datetime) -> None:
    dry, other = enrol_patient(highland, on_diuretics=True), enrol_patient(highland)
    for patient_id in (dry, other):
        send(patient_id, [reading(ReadingKind.WEIGHT, now - 3 * DAY, "80.0")], now - 3 * DAY)
        send(patient_id, [reading(ReadingKind.WEIGHT, now, "77.8")], now)
    assert list(Alert.objects.values_list("patient_id", "rule", "severity")) == [(dry, "weight_loss", "warning")]
    assert stands(dry)[:2] == (30, "warning")


def test_a_correction_ends_the_wait_of_what_it_takes_away(highland: CastPractice, patient: UUID, now: datetime) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "WAIT", 15 * 60)
        send(patient, [pressure(now, 150, 85)], now)
        with audit.batch("observation.correct", by=highland.system):
            Observation.objects.update(status="entered_in_error")
            services.reassess_patients([patient], by=highland.system, now=now, cause="correction", rebuild=True)
        services.reassess_due(now=now + HOUR)
    assert not Alert.objects.exists()

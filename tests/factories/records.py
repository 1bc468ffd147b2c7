"""The rest of a record, made through the services."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from apps.core.patients import services as patients
from apps.core.patients.models import DeviceAssignment
from apps.core.patients.types import EducationTopic
from tests.cast import CastPractice

SINCE = date(2026, 2, 3)


@dataclass(frozen=True)
class KeptRecord:
    """The ids of one open thing of each kind."""

    coverage_id: UUID
    diagnosis_id: UUID
    episode_id: UUID
    consent_id: UUID
    goal_id: UUID
    team_member_id: UUID


def keep_record(
    practice: CastPractice, patient_id: UUID, *, words: str = "Home readings in range", topics: int = 6
) -> KeptRecord:
    """A record with one of each: coverage, diagnosis, a program whose order is awaited, consent, goal, team member."""
    by, on = practice.actor("ma"), {"patient_id": patient_id}
    with practice.scope():
        if topics:
            patients.record_education(**on, topics=list(EducationTopic)[:topics], taught_on=SINCE, by=by)
        patients.choose_thresholds(**on, profile="standard", by=by)
        return KeptRecord(
            coverage_id=patients.add_coverage(
                **on, priority=1, payer_name=words, member_id="1EG4-TE5-MK73", starts_on=SINCE, by=by
            ),
            diagnosis_id=patients.add_diagnosis(**on, code="I10", description=words, by=by),
            episode_id=patients.enrol_patient(
                **on, program="rpm", starts_on=SINCE, provider_id=practice.people["provider"], by=by
            ),
            consent_id=patients.record_consent(
                **on, program="rpm", version="RPM-2026-01", language="en", method="verbal", given_on=SINCE,
                given_by=words, by=by,
            ),
            goal_id=patients.add_goal(**on, description=words, by=by),
            team_member_id=patients.add_team_member(
                **on, member_id=practice.people["nurse"], team_role="nurse", starts_on=SINCE, by=by
            ),
        )  # fmt: skip


def assignment_of(practice: CastPractice, patient_id: UUID) -> UUID:
    """The assignment of the device that the patient wears."""
    with practice.scope():
        found: UUID = DeviceAssignment.objects.get(patient_id=patient_id, ends_at__isnull=True).id
    return found

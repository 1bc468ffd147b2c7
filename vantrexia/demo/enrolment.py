"""The rest of the invented patients' records: why they are monitored, who agreed to it and who ordered it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from uuid import UUID

from apps.authentication.types import MemberRef
from apps.core.patients import services as patients
from apps.core.patients.types import (
    ConsentMethod,
    EducationTopic,
    NotFound,
    Program,
    Relationship,
    TeamRole,
    ThresholdProfile,
)
from apps.foundation.tenancy.types import Actor
from vantrexia.demo.people import Person

_CODES = {
    "hypertension": ("I10", "I10", "I10", "I11.9"),
    "heart_failure": ("I50.22", "I50.32", "I50.9"),
    "diabetes": ("E11.9", "E11.65", "E11.42"),
    "copd": ("J44.9", "J44.1"),
}
_GOALS = {
    "hypertension": ("Home blood pressure in range on most days", "below 130/80"),
    "heart_failure": ("No weight gain of more than 3 lb in a day", "within 3 lb of the dry weight"),
    "diabetes": ("Fasting glucose in range", "80 to 130 mg/dL"),
    "copd": ("Oxygen saturation in range at rest", "92 % or more"),
}
_MEDICARE_AGE = 65
_LETTERS = "ACDEFGHJKMNPQRTUVWXY"


@dataclass(frozen=True)
class Team:
    """Who keeps the records: the assistant writes, the provider orders, the nurse looks after the patient."""

    assistant: Actor
    provider: Actor
    nurse: MemberRef


def complete_record(
    patient_id: UUID,
    person: Person,
    condition: str,
    *,
    number: int,
    day_one: datetime,
    since: date,
    team: Team,
    chance: Random,
) -> None:
    """Coverage, diagnosis, consent, order, education, goal, team and thresholds stand in the record.

    Of every twenty patients one waits for the order, one for consent and one for the rest of the education. Inside the
    practice's scope.
    """
    place = number % 20
    by = team.assistant
    _cover(patient_id, person, number, since, by, chance)
    patients.add_diagnosis(patient_id=patient_id, code=chance.choice(_CODES[condition]), onset_on=since, by=by)
    if place != 13:
        patients.record_consent(
            patient_id=patient_id,
            program=Program.RPM,
            version="RPM-2026-01",
            language="es" if chance.random() < 0.15 else "en",
            method=chance.choice((ConsentMethod.VERBAL, ConsentMethod.SIGNED)),
            given_on=since,
            given_by=f"{person.first_name} {person.last_name}",
            by=by,
        )
    waits = place == 7
    patients.enrol_patient(
        patient_id=patient_id,
        program=Program.RPM,
        starts_on=since,
        provider_id=team.provider.user_id,
        now=None if waits else day_one,
        by=by if waits else team.provider,
    )
    topics = list(EducationTopic)[:4] if place == 17 else list(EducationTopic)
    patients.record_education(patient_id=patient_id, topics=topics, taught_on=since, by=by)
    if number % 3 == 0:
        goal, target = _GOALS[condition]
        patients.add_goal(patient_id=patient_id, description=goal, target=target, by=team.provider)
    if number % 4 == 0:
        patients.add_team_member(
            patient_id=patient_id, member_id=team.nurse.id, team_role=TeamRole.NURSE, starts_on=since, by=by
        )
    patients.choose_thresholds(patient_id=patient_id, profile=ThresholdProfile.STANDARD, by=by)


def confirm_wearers(worn: Sequence[tuple[UUID, UUID]], *, by: Actor) -> None:
    """The first readings of these patients' assignments were their own, as somebody asked: all but every thirtieth."""
    for number, (patient_id, assignment_id) in enumerate(worn):
        if number % 30 != 11:
            with suppress(NotFound):  # nothing has come from this device yet
                patients.confirm_wearer(patient_id=patient_id, assignment_id=assignment_id, by=by)


def _cover(patient_id: UUID, person: Person, number: int, since: date, by: Actor, chance: Random) -> None:
    starts_on = date(since.year, 1, 1)
    old = since.year - person.date_of_birth.year >= _MEDICARE_AGE
    payer = ("Medicare Part B (sample)", "MCR01") if old else ("Blue Cross (sample)", "BCBS1")
    spouse = not old and number % 6 == 0
    subscriber = {
        "relationship": Relationship.SPOUSE,
        "subscriber_first_name": "Robin",
        "subscriber_last_name": person.last_name,
        "subscriber_date_of_birth": date(person.date_of_birth.year - 1, 6, 15),
        "subscriber_gender": "unknown",
    }
    patients.add_coverage(
        patient_id=patient_id,
        priority=1,
        payer_name=payer[0],
        payer_code=payer[1],
        member_id=_member_number(chance),
        starts_on=starts_on,
        **(subscriber if spouse else {}),  # type: ignore[arg-type]
        by=by,
    )
    if old and number % 3 == 0:
        patients.add_coverage(
            patient_id=patient_id,
            priority=2,
            payer_name="Supplement Mutual (sample)",
            payer_code="SUPP1",
            member_id=_member_number(chance),
            plan_name="Plan G",
            starts_on=starts_on,
            by=by,
        )


def _member_number(chance: Random) -> str:
    return f"{chance.choice(_LETTERS)}{chance.choice(_LETTERS)}{chance.randint(10_000_000, 99_999_999)}"

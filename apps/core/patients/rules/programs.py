"""What may stand in the rest of a record, and how far an enrolment has come: pure decisions."""

from datetime import date, timedelta
from typing import Any

from apps.core.patients.types import (
    ConsentMethod,
    ConsentWording,
    EducationEvidence,
    EducationTopic,
    EnrolmentFacts,
    EnrolmentStep,
    EnrolmentStepCode,
    Gender,
    Program,
    Relationship,
)

PRIORITIES = (1, 2, 3)
"""Primary, secondary and tertiary."""
EARLIEST = date(1900, 1, 1)

WORDINGS: tuple[ConsentWording, ...] = (
    ConsentWording("RPM-2026-01", Program.RPM),
    ConsentWording("CCM-2026-01", Program.CCM),
)
"""Every wording that somebody may have agreed to. A text never changes: what is said differently gets a new version."""


def wording_of(version: str) -> ConsentWording | None:
    """The wording of this version, or None."""
    return next((wording for wording in WORDINGS if wording.version == version), None)


def day_fault(day: date | None, today: date, *, not_before: date | None = None) -> str:
    """Why something cannot have happened on this day, or nothing."""
    if day is None:
        return "required"
    if day > today:
        return "in_future"
    if day < EARLIEST:
        return "too_old"
    return "too_early" if not_before is not None and day < not_before else ""


def text_faults(values: dict[str, str], limits: dict[str, int], required: tuple[str, ...]) -> dict[str, str]:
    """Which texts are missing or too long."""
    faults = dict.fromkeys((name for name in required if not values.get(name, "").strip()), "required")
    return faults | {name: "too_long" for name, limit in limits.items() if len(values.get(name, "")) > limit}


def coverage_faults(values: dict[str, Any], today: date) -> dict[str, str]:
    """What is wrong with a policy. Whoever is not the subscriber names who is (CMS-1500 boxes 4, 6, 7 and 11a)."""
    limits = {
        "payer_name": 120,
        "payer_code": 80,
        "member_id": 80,
        "group_number": 80,
        "plan_name": 120,
        "subscriber_first_name": 100,
        "subscriber_last_name": 100,
    }
    faults = text_faults(values, limits, ("payer_name", "member_id"))
    if values["priority"] not in PRIORITIES:
        faults["priority"] = "unknown_choice"
    if code := day_fault(values["starts_on"], today):
        faults["starts_on"] = code
    if values["relationship"] not in set(Relationship):
        faults["relationship"] = "unknown_choice"
    elif values["relationship"] != Relationship.SELF:
        faults |= _subscriber_faults(values, today)
    return faults


def _subscriber_faults(values: dict[str, Any], today: date) -> dict[str, str]:
    faults = text_faults(values, {}, ("subscriber_first_name", "subscriber_last_name", "subscriber_gender"))
    if values["subscriber_gender"] and values["subscriber_gender"] not in set(Gender):
        faults["subscriber_gender"] = "unknown_choice"
    if code := day_fault(values["subscriber_date_of_birth"], today):
        faults["subscriber_date_of_birth"] = code
    return faults


def end_of_replaced(old_start: date, new_start: date) -> date:
    """The last day of a policy whose successor begins: the day before, and never before its own first day."""
    return max(old_start, new_start - timedelta(days=1))


def consent_faults(values: dict[str, Any], today: date) -> dict[str, str]:
    """What is wrong with a consent as it was entered."""
    faults = text_faults(values, {"given_by": 200, "representative_relationship": 100}, ("given_by",))
    wording = wording_of(values["version"])
    if wording is None or wording.program != values["program"]:
        faults["version"] = "unknown_choice"
    elif values["language"] not in wording.languages:
        faults["language"] = "unknown_choice"
    if values["method"] not in set(ConsentMethod):
        faults["method"] = "unknown_choice"
    if code := day_fault(values["given_on"], today):
        faults["given_on"] = code
    if values["is_representative"] and not values["representative_relationship"].strip():
        faults["representative_relationship"] = "required"
    return faults


def education_evidence(taught: dict[EducationTopic, date]) -> EducationEvidence:
    """What the days on which topics were taught prove. It is complete with the last of all topics."""
    missing = tuple(topic for topic in EducationTopic if topic not in taught)
    known = tuple(topic for topic in EducationTopic if topic in taught)
    return EducationEvidence(known, missing, None if missing else max(taught.values()))


def enrolment_steps(facts: EnrolmentFacts) -> tuple[EnrolmentStep, ...]:
    """The steps in the order of the work, each done or open.

    None waits for another: CMS asks for consent when services are furnished, so an order may precede it; what is
    open is shown until it is done.
    """
    done = {
        EnrolmentStepCode.PARTICULARS: facts.has_contact,
        EnrolmentStepCode.CONSENT: facts.has_consent,
        EnrolmentStepCode.ORDER: facts.is_ordered,
        EnrolmentStepCode.COVERAGE: facts.has_coverage,
        EnrolmentStepCode.DIAGNOSIS: facts.has_diagnosis,
        EnrolmentStepCode.DEVICE: facts.has_device,
        EnrolmentStepCode.EDUCATION: facts.topics_taught >= len(EducationTopic),
        EnrolmentStepCode.THRESHOLDS: facts.thresholds_chosen,
    }
    return tuple(EnrolmentStep(code, done[code]) for code in EnrolmentStepCode)

"""What patients agree to, and when they take it back."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps.authentication.types import Permission
from apps.core.patients.models import ConsentRecord
from apps.core.patients.rules.patients import local_day
from apps.core.patients.rules.programs import consent_faults, day_fault
from apps.core.patients.selectors.own import own_patient_id
from apps.core.patients.services.days import latest_day
from apps.core.patients.services.episodes import end_program
from apps.core.patients.services.records import lock_open_record
from apps.core.patients.types import ConsentMethod, InvalidPatient, NotFound, Program
from apps.foundation.audit import services as audit
from apps.foundation.notifications.services import queue_notification
from apps.foundation.tenancy.selectors import get_practice
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor

BY_THE_PATIENT = "Withdrawn by the patient in the portal"
WITHDRAWN = "Consent withdrawn"
"""Why an episode ended that a withdrawal ended; the patient's own reason stands with the consent."""


def record_consent(
    *,
    patient_id: UUID,
    program: Program | str,
    version: str,
    language: str,
    method: ConsentMethod | str,
    given_on: date,
    given_by: str,
    is_representative: bool = False,
    representative_relationship: str = "",
    by: Actor,
) -> UUID:
    """The consent stands from `given_on` until it is withdrawn; the id is returned.

    Raises NotFound, or InvalidPatient naming the fields at fault: under "version" where one stands for the program.
    """
    by.require(Permission.PATIENT_CHANGE)
    values: dict[str, Any] = {
        "program": program,
        "version": version,
        "language": language,
        "method": method,
        "given_on": given_on,
        "given_by": given_by.strip(),
        "is_representative": is_representative,
        "representative_relationship": representative_relationship.strip() if is_representative else "",
    }
    with audit.change("patient.consent_record", subject=("patient", patient_id), by=by):
        patient = lock_open_record(patient_id)
        faults = consent_faults(values, latest_day(patient))
        standing = ConsentRecord.objects.filter(patient_id=patient_id, program=program, withdrawn_on__isnull=True)
        if "version" not in faults and standing.exists():
            faults["version"] = "stands_already"
        if faults:
            raise InvalidPatient(faults)
        consent = ConsentRecord(patient_id=patient_id, recorded_by_id=by.person_id, **values)
        consent.save()
        return consent.id


def withdraw_consent(*, patient_id: UUID, consent_id: UUID, withdrawn_on: date, reason: str, by: Actor) -> None:
    """The consent no longer stands, and the program that it was for is over in the same change.

    Raises NotFound where no such consent stands, or InvalidPatient.
    """
    by.require(Permission.PATIENT_CHANGE)
    _withdraw(patient_id, consent_id, withdrawn_on, reason.strip(), by)


def withdraw_own_consent(*, consent_id: UUID, by: Actor, now: datetime) -> None:
    """The patient has taken a consent back themselves: its program is over today, and the team is told to call them.

    Raises NotFound where they gave no such consent or it is withdrawn, or InvalidPatient for an archived record.
    """
    patient_id = own_patient_id(by)
    today = local_day(now, get_practice(current_practice_id()).time_zone)
    _withdraw(patient_id, consent_id, today, BY_THE_PATIENT, by)


def _withdraw(patient_id: UUID, consent_id: UUID, withdrawn_on: date, reason: str, by: Actor) -> None:
    with audit.change("patient.consent_withdraw", subject=("patient", patient_id), by=by, reason=reason):
        patient = lock_open_record(patient_id)
        consent: ConsentRecord | None = ConsentRecord.objects.filter(
            id=consent_id, patient_id=patient_id, withdrawn_on__isnull=True
        ).first()
        if consent is None:
            raise NotFound("consent")
        faults = {} if reason else {"reason": "required"}
        if code := day_fault(withdrawn_on, latest_day(patient), not_before=consent.given_on):
            faults["withdrawn_on"] = code
        if faults:
            raise InvalidPatient(faults)
        consent.withdrawn_on = withdrawn_on
        consent.withdrawal_reason = reason
        consent.withdrawal_recorded_by_id = by.person_id
        consent.save()
        end_program(patient_id, consent.program, ends_on=withdrawn_on, reason=WITHDRAWN)
        if reason == BY_THE_PATIENT:
            queue_notification(kind="consent_withdrawn", reference=patient_id)

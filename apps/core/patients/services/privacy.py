"""Requests of patients about their own record: recorded, extended once, answered, taken back."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps.authentication.types import Permission
from apps.core.patients.models import PrivacyRequest
from apps.core.patients.rules.patients import local_day
from apps.core.patients.rules.privacy import (
    TEXT_MAX,
    decision_faults,
    due_on,
    extended_due_on,
    may_extend,
    request_faults,
)
from apps.core.patients.selectors.own import account_of, own_patient_id
from apps.core.patients.services.records import lock_record
from apps.core.patients.types import (
    WAITING,
    AlreadyDecided,
    Asker,
    InvalidPatient,
    NotFound,
    PrivacyChannel,
    PrivacyKind,
    PrivacyState,
)
from apps.foundation.audit import services as audit
from apps.foundation.notifications.services import queue_notification
from apps.foundation.tenancy.selectors import get_practice
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor


def record_privacy_request(
    *,
    patient_id: UUID,
    kind: PrivacyKind | str,
    received_on: date,
    channel: PrivacyChannel | str,
    asked_by: Asker | str,
    text: str,
    representative_name: str = "",
    representative_relationship: str = "",
    by: Actor,
    now: datetime,
) -> UUID:
    """The request waits for an answer until its due day; the id is returned. Archived records are asked about as well.

    Raises NotFound, or InvalidPatient naming the fields at fault.
    """
    by.require(Permission.PRIVACY_RECORD)
    return _record(
        patient_id=patient_id,
        kind=kind,
        received_on=received_on,
        channel=channel,
        asked_by=asked_by,
        text=text,
        representative_name=representative_name,
        representative_relationship=representative_relationship,
        by=by,
        now=now,
    )


def ask_about_own_record(*, kind: PrivacyKind | str, text: str, by: Actor, now: datetime) -> UUID:
    """What the patient asks for in the portal waits for an answer as any other request; the id is returned.

    The team is told. Raises NotFound where the access has ended, or InvalidPatient naming the fields at fault.
    """
    patient_id = own_patient_id(by)
    return _record(
        patient_id=patient_id,
        kind=kind,
        received_on=_today(now),
        channel=PrivacyChannel.PORTAL,
        asked_by=Asker.PATIENT,
        text=text,
        representative_name="",
        representative_relationship="",
        by=by,
        now=now,
    )


def _record(
    *,
    patient_id: UUID,
    kind: PrivacyKind | str,
    received_on: date,
    channel: PrivacyChannel | str,
    asked_by: Asker | str,
    text: str,
    representative_name: str,
    representative_relationship: str,
    by: Actor,
    now: datetime,
) -> UUID:
    represented = asked_by == Asker.REPRESENTATIVE
    values: dict[str, Any] = {
        "kind": kind,
        "received_on": received_on,
        "channel": channel,
        "asked_by": asked_by,
        "text": text.strip(),
        "representative_name": representative_name.strip() if represented else "",
        "representative_relationship": representative_relationship.strip() if represented else "",
    }
    with audit.change("privacy.request_record", subject=("patient", patient_id), by=by):
        lock_record(patient_id)
        faults = request_faults(values, _today(now))
        if faults:
            raise InvalidPatient(faults)
        row = PrivacyRequest(
            patient_id=patient_id,
            state=PrivacyState.OPEN,
            due_on=due_on(PrivacyKind(kind), received_on),
            recorded_by_id=by.person_id,
            **values,
        )
        row.save()
        if channel == PrivacyChannel.PORTAL:
            queue_notification(kind="privacy_request", reference=row.id)
        return row.id


def extend_privacy_request(*, patient_id: UUID, request_id: UUID, reason: str, by: Actor, now: datetime) -> date:
    """The one extension that the rule allows; the new due day is returned. The reason is what the patient is told.

    Raises NotFound, AlreadyDecided, or InvalidPatient naming `reason`, or "state" where nothing can be extended.
    """
    by.require(Permission.PRIVACY_DECIDE)
    reason = reason.strip()
    with audit.change("privacy.request_extend", subject=("patient", patient_id), by=by, reason=reason):
        row = _waiting_row(patient_id, request_id)
        kind, today = PrivacyKind(row.kind), _today(now)
        if not may_extend(kind, PrivacyState(row.state), row.due_on, today):
            raise InvalidPatient({"state": "not_extendable"})
        if not reason or len(reason) > TEXT_MAX:
            raise InvalidPatient({"reason": "too_long" if reason else "required"})
        row.state = PrivacyState.EXTENDED
        row.extended_on = today
        row.extension_reason = reason
        row.due_on = extended_due_on(kind, row.received_on)
        row.save()
        return row.due_on


def decide_privacy_request(
    *,
    patient_id: UUID,
    request_id: UUID,
    state: PrivacyState | str,
    reason: str = "",
    rights_explained: bool = False,
    outcome: str = "",
    by: Actor,
    now: datetime,
) -> None:
    """The request is answered. For a restriction, `outcome` is what the practice agreed not to disclose.

    Of a copy that was granted the patient hears, where they use the portal: they fetch it there. Raises NotFound,
    AlreadyDecided, or InvalidPatient naming the fields at fault.
    """
    by.require(Permission.PRIVACY_DECIDE)
    reason, outcome = reason.strip(), outcome.strip()
    with audit.change("privacy.request_decide", subject=("patient", patient_id), by=by, reason=reason):
        row = _waiting_row(patient_id, request_id)
        known = PrivacyState(state) if state in set(PrivacyState) else PrivacyState.OPEN
        faults = decision_faults(known, reason=reason, rights_explained=rights_explained, outcome=outcome)
        if faults:
            raise InvalidPatient(faults)
        refuses = known is not PrivacyState.GRANTED
        row.state = known
        row.reason = reason
        row.rights_explained = rights_explained and refuses
        row.outcome = outcome if known is not PrivacyState.DENIED else ""
        _close(row, by, now)
        account = account_of(patient_id) if row.kind == PrivacyKind.ACCESS and row.outcome else None
        if account is not None:
            queue_notification(kind="export_ready", reference=row.id, recipient_id=account)


def withdraw_privacy_request(*, patient_id: UUID, request_id: UUID, reason: str, by: Actor, now: datetime) -> None:
    """The patient no longer asks. Raises NotFound, AlreadyDecided, or InvalidPatient naming `reason`."""
    by.require(Permission.PRIVACY_RECORD)
    reason = reason.strip()
    with audit.change("privacy.request_withdraw", subject=("patient", patient_id), by=by, reason=reason):
        row = _waiting_row(patient_id, request_id)
        if not reason or len(reason) > TEXT_MAX:
            raise InvalidPatient({"reason": "too_long" if reason else "required"})
        row.state = PrivacyState.WITHDRAWN
        row.reason = reason
        _close(row, by, now)


def end_restriction(*, patient_id: UUID, request_id: UUID, reason: str, by: Actor, now: datetime) -> None:
    """A restriction that stands is kept no longer (45 CFR 164.522(a)(2)): by agreement, or after telling the patient.

    Raises NotFound where none stands, or InvalidPatient naming `reason`.
    """
    by.require(Permission.PRIVACY_DECIDE)
    reason = reason.strip()
    with audit.change("privacy.restriction_end", subject=("patient", patient_id), by=by, reason=reason):
        lock_record(patient_id)
        row: PrivacyRequest | None = PrivacyRequest.objects.filter(
            id=request_id,
            patient_id=patient_id,
            kind=PrivacyKind.RESTRICTION,
            state__in=(PrivacyState.GRANTED, PrivacyState.PARTLY),
            ended_on__isnull=True,
        ).first()
        if row is None:
            raise NotFound("restriction")
        if not reason or len(reason) > TEXT_MAX:
            raise InvalidPatient({"reason": "too_long" if reason else "required"})
        row.ended_on = _today(now)
        row.end_reason = reason
        row.save()


def _waiting_row(patient_id: UUID, request_id: UUID) -> PrivacyRequest:
    """The request, whose patient nobody else changes meanwhile; so of two answers only the first counts."""
    lock_record(patient_id)
    row: PrivacyRequest | None = PrivacyRequest.objects.filter(id=request_id, patient_id=patient_id).first()
    if row is None:
        raise NotFound("privacy request")
    if row.state not in WAITING and row.decided_at is not None:
        raise AlreadyDecided(row.decided_at, row.decided_by_id)
    return row


def _close(row: PrivacyRequest, by: Actor, now: datetime) -> None:
    row.closed_on = _today(now)
    row.decided_at = now
    row.decided_by_id = by.person_id
    row.save()


def _today(now: datetime) -> date:
    return local_day(now, get_practice(current_practice_id()).time_zone)

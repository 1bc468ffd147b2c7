"""Documenting calls: the call, its note and its minutes stand together, or none of them does."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from apps.authentication.types import Permission
from apps.core.billing import services as billing
from apps.core.billing.types import TimeCategory, TimeSource
from apps.core.care.models import Call
from apps.core.care.rules.calls import began_at, call_faults
from apps.core.care.selectors.note_templates import answered
from apps.core.care.services.notes import sign_note_of_call
from apps.core.care.types import CallInput, InvalidCall, InvalidNote
from apps.core.patients import services as patients
from apps.core.triage.selectors import alert_line_of
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.ids import new_id
from apps.foundation.tenancy.types import Actor, NotPermitted


def record_call(*, patient_id: UUID, call: CallInput, call_id: UUID | None = None, by: Actor, now: datetime) -> UUID:
    """The call stands in the record with its signed note and its time in the actor's name; its id is returned.

    Its seconds count as communication, as interactive ones if both spoke (CPT 99457); a call of no length counts
    nothing. `call_id` is the caller's own: the same one twice is the same call, and minutes never count twice; with
    other words or another length it is refused, since a call is never edited. Raises NotFound, InvalidCall naming the
    fields at fault, or InvalidPatient for an archived record.
    """
    by.require(Permission.CARE_RECORD)
    person = by.person_id
    if person is None:
        raise NotPermitted(Permission.CARE_RECORD)
    call = replace(call, text=answered(call.text), phone=call.phone.strip())
    if not call.outcome.is_spoken:
        call = replace(call, identity_check=None)
    call = replace(call, started_at=began_at(call.started_at, max(0, call.seconds), now))
    faults = call_faults(call, now)
    if faults:
        raise InvalidCall(faults)
    if call.alert_id is not None:
        alert_line_of(call.alert_id, patient_id, by=by)
    call_id = call_id or new_id()
    with audit.change("call.record", subject=("patient", patient_id), by=by) as log:
        patients.require_open_record(patient_id)
        known = Call.objects.filter(id=call_id).first()
        if known is not None:
            if (known.patient_id, known.author_id) != (patient_id, person):
                raise InvalidCall({"entry": "unknown_choice"})
            if not _is_same(known, call):
                raise InvalidCall({"entry": "saved_before"})
            log.cancel()
            return call_id
        _store(call_id, patient_id, call, _note_of(patient_id, call, by, now), person, now)
        _count(call_id, patient_id, call, person, by)
        return call_id


def _is_same(known: Call, call: CallInput) -> bool:
    """Whether this was documented. When it began is not asked: it follows the length where the call has just ended."""
    said = (known.note.text, known.note.cosign_asked_of_id) if known.note else ("", None)
    check = call.identity_check.value if call.identity_check else ""
    return (
        (known.outcome, known.identity_check, known.interactive) == (call.outcome, check, call.interactive)
        and (known.seconds, known.phone, known.alert_id) == (call.seconds, call.phone, call.alert_id)
        and said == (call.text, call.cosign_asked_of if call.text else None)
    )


def _count(call_id: UUID, patient_id: UUID, call: CallInput, person: UUID, by: Actor) -> None:
    """The time of the call stands with its call, unless it took none."""
    if not call.seconds:
        return
    billing.record_time(
        patient_id=patient_id,
        person_id=person,
        category=TimeCategory.COMMUNICATION,
        started_at=call.started_at,
        seconds=call.seconds,
        interactive=call.interactive,
        source=TimeSource.CALL,
        source_id=call_id,
        by=by,
    )


def _note_of(patient_id: UUID, call: CallInput, by: Actor, now: datetime) -> UUID | None:
    """The note of the call, if anything was written."""
    if not call.text:
        return None
    try:
        return sign_note_of_call(
            patient_id=patient_id,
            text=call.text,
            template=call.template,
            cosign_asked_of=call.cosign_asked_of,
            by=by,
            now=now,
        )
    except InvalidNote as refusal:
        raise InvalidCall(refusal.faults) from None


def _store(call_id: UUID, patient_id: UUID, call: CallInput, note_id: UUID | None, person: UUID, now: datetime) -> None:
    Call(
        id=call_id,
        patient_id=patient_id,
        author_id=person,
        outcome=call.outcome.value,
        identity_check=call.identity_check.value if call.identity_check else "",
        interactive=call.interactive,
        started_at=call.started_at,
        seconds=call.seconds,
        phone=call.phone,
        template=call.template,
        alert_id=call.alert_id,
        note_id=note_id,
        recorded_at=now,
    ).save()

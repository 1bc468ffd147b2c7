"""A record's history: what was done to it, by whom, and which fields changed; their values only where asked for."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from apps.authentication.selectors import members_by_id
from apps.authentication.types import MemberRef, Permission
from apps.core.patients.models import Device
from apps.core.patients.rules.history import field_changes, group_of, masked, value_text
from apps.core.patients.selectors.patients import banner_of, find_patient
from apps.core.patients.selectors.wording import (
    ACTION_LABELS,
    GROUP_LABELS,
    act_label,
    change_label,
    role_label,
    value_words,
)
from apps.core.patients.types import (
    EMR_SYSTEM,
    ChangesSince,
    FieldChange,
    HistoryLine,
    LastChange,
    NotFound,
    PatientHistory,
    ShownChange,
)
from apps.foundation.audit import selectors as audit_rows
from apps.foundation.audit import services as audit
from apps.foundation.audit.types import HistoryEntry, HistoryHead, NoSuchEntry, RowChange
from apps.foundation.tenancy.types import Actor

_SUBJECT = "patient"
_PARTICULARS_MODEL = "patients.patient"
_NUMBER_MODEL = "patients.externalidentifier"
_ALL = 1_000_000


def patient_history(patient_id: UUID, *, group: str = "", page: int = 1, by: Actor) -> PatientHistory:
    """One page of the record's history, newest first, every value masked; the look is recorded as one row.

    With `group` (a key of GROUP_LABELS) only the acts that changed such a field, and of those only these fields. Raises
    NotFound.
    """
    by.require(Permission.PATIENT_HISTORY)
    row = find_patient(patient_id)
    wanted = group if group in GROUP_LABELS else ""

    def touches(entry: HistoryEntry) -> bool:
        return any(group_of(change) == wanted for change in field_changes(entry.rows))

    found = audit_rows.history_of(
        _SUBJECT,
        patient_id,
        by=by,
        permission=Permission.PATIENT_HISTORY,
        actions=ACTION_LABELS,
        keep=touches if wanted else None,
        page=page,
    )
    people = members_by_id([entry.head.actor_id for entry in found.entries if entry.head.actor_id])
    audit.record_disclosure("patient.history", subjects=[(_SUBJECT, patient_id)], by=by)
    return PatientHistory(
        banner=banner_of(row),
        lines=tuple(_line(entry, people, wanted, masked) for entry in found.entries),
        fields=tuple((key, str(label)) for key, label in GROUP_LABELS.items()),
        total=found.total,
        page=found.page,
        page_size=found.page_size,
    )


def reveal_history(patient_id: UUID, entry_id: UUID, *, by: Actor) -> HistoryLine:
    """One act with the values it changed, as the reader may see them; the revealing is recorded with the act's id.

    Of an SSN the mask stays without the permission to reveal one. Raises NotFound.
    """
    by.require(Permission.PATIENT_HISTORY)
    find_patient(patient_id)
    try:
        entry = audit_rows.history_entry(entry_id, _SUBJECT, patient_id, by=by, permission=Permission.PATIENT_HISTORY)
    except NoSuchEntry:
        raise NotFound("entry") from None
    if entry.head.action not in ACTION_LABELS:
        raise NotFound("entry")
    audit.record_event("patient.history_reveal", by=by, subject=(_SUBJECT, patient_id), detail={"entry": str(entry_id)})
    people, named = _named(entry)
    may_see_ssn = by.may(Permission.PATIENT_SSN_REVEAL)

    def revealed(change: FieldChange, text: str) -> str:
        if change.is_social_security and not may_see_ssn:
            return masked(change, text)
        return named.get(text) or value_words(change, text)

    return _line(entry, people, "", revealed)


def last_change(patient_id: UUID, *, by: Actor) -> LastChange | None:
    """Who last changed the record and when. Nothing of the record itself, so nothing is recorded."""
    head = audit_rows.latest_of(_SUBJECT, patient_id, by=by, permission=Permission.PATIENT_READ, actions=ACTION_LABELS)
    return None if head is None else _last(head)


def changes_since(patient_id: UUID, version: int, *, by: Actor) -> ChangesSince:
    """What others changed in a patient's particulars after that version: who and when last, and each field's value
    at that version, as the log holds it. For telling somebody whose save came too late; they may change the patient.
    """
    changed: dict[str, FieldChange] = {}
    heads: list[HistoryHead] = []
    found = audit_rows.history_of(
        _SUBJECT,
        patient_id,
        by=by,
        permission=Permission.PATIENT_CHANGE,
        actions=ACTION_LABELS,
        keep=lambda entry: _version_after(entry) > version,
        page_size=_ALL,
    )
    for entry in found.entries:
        heads.append(entry.head)
        # The entries come newest first, so that the oldest value before stands at the end.
        changed |= {change.name if change.model == "patient" else "external_id": change for change in _form(entry)}
    return ChangesSince(_last(heads[0]) if heads else None, tuple(changed.values()))


def _form(entry: HistoryEntry) -> Iterable[FieldChange]:
    for change in field_changes(row for row in entry.rows if not _is_other_number(row)):
        if change.model == "patient" or (change.model, change.name) == ("identifier", "value"):
            yield change


def _is_other_number(row: RowChange) -> bool:
    """Whether the row is a number that is not the `external_id`. Where it does not say, it is: no other is changed."""
    said = {**row.before, **row.after}
    is_emr_number = said.get("system", EMR_SYSTEM) == EMR_SYSTEM and said.get("is_primary", True)
    return row.model == _NUMBER_MODEL and not is_emr_number


def _version_after(entry: HistoryEntry) -> int:
    versions = [row.after.get("version", 0) for row in entry.rows if row.model == _PARTICULARS_MODEL]
    return max(versions, default=0)


def _last(head: HistoryHead) -> LastChange:
    people = members_by_id([head.actor_id]) if head.actor_id else {}
    who, role = _who(head, people)
    return LastChange(head.occurred_at, who, role)


def _who(head: HistoryHead, people: dict[UUID, MemberRef]) -> tuple[str, str]:
    person = people.get(head.actor_id) if head.actor_id else None
    return (person.full_name if person else "", role_label(head.actor_role))


def _line(
    entry: HistoryEntry, people: dict[UUID, MemberRef], group: str, shown: Callable[[FieldChange, str], str]
) -> HistoryLine:
    who, role = _who(entry.head, people)
    at: datetime = entry.head.occurred_at
    changes = [change for change in field_changes(entry.rows) if not group or group_of(change) == group]
    alone = len({change.model for change in changes}) == 1
    return HistoryLine(
        id=entry.head.id,
        at=at,
        who=who,
        role=role,
        act=act_label(entry.head.action),
        reason=entry.reason,
        changes=tuple(
            ShownChange(
                change_label(change, alone=alone),
                shown(change, value_text(change.before)),
                shown(change, value_text(change.after)),
            )
            for change in changes
        ),
    )


def _named(entry: HistoryEntry) -> tuple[dict[UUID, MemberRef], dict[str, str]]:
    """The people of an act, and the names behind the ids among its values: of people, and of devices."""
    ids = {_uuid(value_text(value)) for one in field_changes(entry.rows) for value in (one.before, one.after)}
    ids.discard(None)
    wanted = {one for one in (*ids, entry.head.actor_id) if one is not None}
    people = members_by_id(wanted)
    named = {str(one): ref.full_name for one, ref in people.items()}
    named |= {str(device.id): device.serial for device in Device.objects.filter(id__in=wanted - set(people))}
    return people, named


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None

"""Walking a chain: what was changed, taken out, put in or cut off behind the database's back shows here."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from apps.foundation.audit.models import AuditChain, AuditLog, AuditSubject
from apps.foundation.audit.rules import GENESIS, link_message
from apps.foundation.audit.services.checkpoints import compare_with_checkpoints
from apps.foundation.audit.services.writing import record_event
from apps.foundation.audit.types import VERIFY_ACTION, ChainReport
from apps.foundation.encryption.services import mac, open_bytes
from apps.foundation.encryption.types import EncryptionError, Purpose
from apps.foundation.tenancy.services import platform_scope, scope
from apps.foundation.tenancy.types import PLATFORM_ID, Actor

_CHUNK = 2_000


class _Link(NamedTuple):
    """A row of the log in the order of its columns."""

    id: UUID
    practice_id: UUID
    sequence: int
    occurred_at: Any
    actor_id: UUID | None
    actor_role: str
    action: str
    subject_type: str
    subject_id: UUID | None
    ip: str
    request_id: str
    detail: str
    previous: str
    mac: str


_Others = dict[UUID, list[list[str]]]


def open_detail(row: AuditLog) -> dict[str, Any]:
    """What a log row says, opened. Raises BrokenSeal when it was changed."""
    return row.opened_detail()


def scope_of_chain(practice_id: UUID) -> AbstractContextManager[None]:
    """The scope in which the database shows a chain."""
    return platform_scope() if practice_id == PLATFORM_ID else scope(practice_id)


def verify_chain(practice_id: UUID) -> ChainReport:
    """Walks the practice's chain up to its present head: every link's MAC, no gap, the subjects, and the head itself.

    Rows that are appended meanwhile are the next walk's.
    """
    with scope_of_chain(practice_id):
        head = AuditChain.objects.filter(practice_id=practice_id).first()
        if head is None:
            lost = AuditLog.objects.filter(practice_id=practice_id).exists()
            return ChainReport(not lost, 0, 1 if lost else None, "the head of the chain is missing" if lost else "")
        previous, sequence = GENESIS, 0
        for row, others in _links(practice_id, head.sequence):
            problem = _problem_of(row, sequence + 1, previous, others)
            if problem:
                return ChainReport(False, sequence, sequence + 1, problem)
            previous, sequence = row.mac, row.sequence
        if sequence < head.sequence:
            return ChainReport(False, sequence, sequence + 1, "rows are missing at the end")
        if previous != head.mac:
            return ChainReport(False, sequence, sequence, "the last row is not the head of the chain")
        return ChainReport(True, sequence)


def verify_trail(practice_id: UUID) -> ChainReport:
    """As verify_chain, and the chain agrees with every checkpoint that was put away.

    Only a checkpoint shows a chain that somebody with the keys calculated anew, or cut together with its head.
    """
    report = verify_chain(practice_id)
    compared = compare_with_checkpoints(practice_id)
    if not report.ok:
        return replace(report, checkpoints=compared.agreeing, unread=compared.unread)
    if compared.reason:
        return ChainReport(
            False, report.rows, compared.first_bad, compared.reason, compared.agreeing, unread=compared.unread
        )
    return replace(report, checkpoints=compared.agreeing, unread=compared.unread)


def record_verdict(practice_id: UUID, report: ChainReport, *, by: Actor) -> None:
    """The chain says itself when it was verified, and what came of it."""
    detail = {
        "ok": report.ok,
        "links": report.rows,
        "first_bad": report.first_bad,
        "why": report.reason,
        "checkpoints": report.checkpoints,
        "unread": report.unread,
    }
    with scope_of_chain(practice_id):
        record_event(VERIFY_ACTION, by=by, detail=detail)


def _links(practice_id: UUID, last: int) -> Iterator[tuple[_Link, list[list[str]]]]:
    reached = 0
    while reached < last:
        rows = AuditLog.objects.filter(practice_id=practice_id, sequence__gt=reached, sequence__lte=last)
        links = [_Link(*row) for row in rows.order_by("sequence").values_list()[:_CHUNK]]
        if not links:
            return
        others = _others_of(practice_id, links[0].sequence, links[-1].sequence)
        for link in links:
            yield link, others.get(link.id, [])
        reached = links[-1].sequence


def _others_of(practice_id: UUID, first: int, last: int) -> _Others:
    found: _Others = {}
    rows = AuditSubject.objects.filter(
        practice_id=practice_id, log__practice_id=practice_id, log__sequence__gte=first, log__sequence__lte=last
    )
    for log_id, kind, subject_id in rows.values_list("log_id", "subject_type", "subject_id"):
        found.setdefault(log_id, []).append([kind, str(subject_id)])
    return found


def _problem_of(row: _Link, expected: int, previous: str, others: list[list[str]]) -> str:
    if row.sequence != expected:
        return "a row is missing"
    if row.previous != previous:
        return "the row does not follow the one before it"
    if not _is_intact(row):
        return "the row was changed"
    try:
        opened = open_bytes(row.practice_id, Purpose.AUDIT_DATA, row.detail, b"audit" + row.id.bytes)
    except EncryptionError:
        return "the row's detail does not open"
    said = orjson.loads(opened).get("subjects", ())
    return "" if len(said) == len(others) and sorted(said) == sorted(others) else "the row's subjects were changed"


def _is_intact(row: _Link) -> bool:
    """Whether the row is what its own MAC was calculated over."""
    fields = (
        row.id.hex,
        row.practice_id.hex,
        str(row.sequence),
        row.occurred_at.isoformat(),
        row.actor_id.hex if row.actor_id else "",
        row.actor_role,
        row.action,
        row.subject_type,
        row.subject_id.hex if row.subject_id else "",
        row.ip,
        row.request_id,
        row.detail,
    )
    return mac(row.practice_id, Purpose.AUDIT_MAC, link_message(row.previous, fields)).hex() == row.mac

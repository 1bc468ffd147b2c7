"""Acts of an auditor: a walk along the chains, a checkpoint, an export."""

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import StringIO
from uuid import UUID

import orjson
from django.utils import timezone

from apps.authentication.selectors import member_emails
from apps.authentication.types import Permission
from apps.foundation.audit import selectors as rows_of_log
from apps.foundation.audit import services as audit
from apps.foundation.audit.types import VERIFY_ACTION, ChainReport, StoredCheckpoint, TrailCriteria, TrailRow
from apps.foundation.tenancy.selectors import list_practices
from apps.foundation.tenancy.services import current_practice_id, scope
from apps.foundation.tenancy.types import PLATFORM_ID, Actor
from apps.monitoring.rules import safe_cell
from apps.monitoring.selectors.trail import criteria_of
from apps.monitoring.types import ExportKind, TrailFilters

COLUMNS = (
    "sequence",
    "id",
    "occurred_at",
    "actor_id",
    "actor_email",
    "actor_role",
    "action",
    "subject_type",
    "subject_id",
    "further_subjects",
    "changed_fields",
    "ip",
    "request_id",
    "previous",
    "mac",
)
"""Of an export. The values that a row holds, and its reason, are not in it: they are PHI and stay sealed."""
_ASKED = "audit.verify_ask"


def verify_practice(*, by: Actor) -> ChainReport:
    """The chain of the practice in scope is walked and compared with every checkpoint; the trail says the verdict."""
    by.require(Permission.AUDIT_READ)
    return _verify(current_practice_id(), by)


def verify_chains(*, by: Actor, practice_id: UUID | None = None) -> dict[UUID, ChainReport]:
    """The same for one chain, or for that of the platform and of every practice."""
    by.require(Permission.AUDIT_READ)
    chains = [practice_id] if practice_id else [PLATFORM_ID, *(practice.id for practice in list_practices())]
    return {chain: _verify(chain, by) for chain in chains}


def ask_verification(*, by: Actor) -> None:
    """The practice's chain is to be verified by the job: it is too long for a request to wait for the verdict."""
    by.require(Permission.AUDIT_READ)
    audit.record_event(_ASKED, by=by)


def verify_asked(*, by: Actor) -> int:
    """Verifies every chain that somebody asked for after its last verdict. Returns how many there were."""
    due = [practice.id for practice in list_practices() if _is_asked_for(practice.id, by)]
    for practice_id in due:
        _verify(practice_id, by)
    return len(due)


def put_checkpoint_away(*, by: Actor, only_due: bool = False) -> StoredCheckpoint:
    """Where every chain stands goes, signed, to the second places. A place that fails stops nothing and is told of."""
    return audit.store_checkpoint(now=timezone.now(), by=by, only_due=only_due)


def start_export(filters: TrailFilters, kind: ExportKind, *, by: Actor) -> Iterator[bytes]:
    """The rows oldest first as a stream. The export stands in the trail before its first byte, and again when it ended.

    It holds the rows that stood when it was asked for, its own first row among them.
    """
    by.require(Permission.AUDIT_EXPORT)
    asked = {"format": kind.value, "action": filters.action, "start": filters.start, "end": filters.end}
    detail = {**asked, "actor": filters.actor_id, "patient": filters.patient_id}
    subjects = [("patient", filters.patient_id)] if filters.patient_id else []
    criteria = criteria_of(filters)
    audit.record_look("audit.export", subjects=subjects, by=by, detail=detail)
    return _stream(criteria, kind, current_practice_id(), rows_of_log.head_of_chain(), by)


def _is_asked_for(practice_id: UUID, by: Actor) -> bool:
    with scope(practice_id):
        asked = rows_of_log.latest_row((_ASKED,), by=by, permission=Permission.AUDIT_READ)
        told = rows_of_log.latest_row((VERIFY_ACTION,), by=by, permission=Permission.AUDIT_READ)
    return asked is not None and (told is None or told.sequence < asked.sequence)


def _verify(practice_id: UUID, by: Actor) -> ChainReport:
    report = audit.verify_trail(practice_id)
    audit.record_verdict(practice_id, report, by=by)
    return report


def _stream(
    criteria: TrailCriteria, kind: ExportKind, practice_id: UUID, until_sequence: int, by: Actor
) -> Iterator[bytes]:
    """Runs after the request's own scope was closed, so each piece of work opens one of its own."""
    count = 0
    emails: dict[UUID, str] = {}
    yield b"[" if kind is ExportKind.JSON else _csv([COLUMNS])
    for chunk in rows_of_log.trail_chunks(criteria, practice_id=practice_id, until_sequence=until_sequence):
        with scope(practice_id):
            _learn(emails, [row for row, _ in chunk])
        rows = [_cells(row, fields, emails) for row, fields in chunk]
        yield _csv([_line(row) for row in rows]) if kind is ExportKind.CSV else _json(rows, is_first=not count)
        count += len(chunk)
    if kind is ExportKind.JSON:
        yield b"\n]\n"
    with scope(practice_id):
        audit.record_event("audit.export_complete", by=by, detail={"exported": count})


def _learn(emails: dict[UUID, str], rows: list[TrailRow]) -> None:
    unknown = {row.actor_id for row in rows if row.actor_id} - set(emails)
    if unknown:
        found = member_emails(unknown)
        emails |= {one: found.get(one, "") for one in unknown}


def _cells(row: TrailRow, fields: tuple[str, ...], emails: dict[UUID, str]) -> dict[str, object]:
    return {
        "sequence": row.sequence,
        "id": str(row.id),
        "occurred_at": _moment(row.occurred_at),
        "actor_id": str(row.actor_id) if row.actor_id else None,
        "actor_email": emails.get(row.actor_id, "") if row.actor_id else "",
        "actor_role": row.actor_role,
        "action": row.action,
        "subject_type": row.subject_type,
        "subject_id": str(row.subject_id) if row.subject_id else None,
        "further_subjects": [f"{kind}:{subject_id}" for kind, subject_id in row.others],
        "changed_fields": list(fields),
        "ip": row.ip,
        "request_id": row.request_id,
        "previous": row.previous,
        "mac": row.mac,
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _line(row: dict[str, object]) -> list[str]:
    return [safe_cell(_cell(value)) for value in row.values()]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _csv(lines: Sequence[Sequence[str]]) -> bytes:
    """RFC 4180: commas, doubled quotation marks, CR LF."""
    text = StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode()


def _json(rows: list[dict[str, object]], *, is_first: bool) -> bytes:
    separated = b",\n".join(orjson.dumps(row) for row in rows)
    return (b"\n" if is_first else b",\n") + separated

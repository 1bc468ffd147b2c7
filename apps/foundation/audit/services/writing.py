"""Writing the audit trail. A change of a practice's rows happens inside `change` or `batch`, or not at all."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.core.cache import cache
from django.db import connection, models, transaction
from django.utils import timezone

from apps.foundation.audit import appending
from apps.foundation.audit.models import AuditChain
from apps.foundation.audit.rules import GENESIS, link_message
from apps.foundation.audit.types import Entry, Subject
from apps.foundation.encryption.services import mac, seal_bytes
from apps.foundation.encryption.types import Purpose
from apps.foundation.tenancy.ids import new_id
from apps.foundation.tenancy.models import practice_in_scope
from apps.foundation.tenancy.services import platform_scope, scope
from apps.foundation.tenancy.types import PLATFORM_ID, Actor
from apps.foundation.tenancy.writes import recording

_LOOK_SECONDS = 300


class Change:
    """The rows written inside one audited change, and what their one log row will say."""

    def __init__(self, reason: str) -> None:
        self.detail: dict[str, Any] = {"reason": reason} if reason else {}
        self.rows: list[dict[str, Any]] = []
        self.subject: Subject | None = None
        self.others: list[Subject] = []
        self.is_void = False

    def saved(self, label: str, row_id: UUID, before: dict[str, object], after: dict[str, object]) -> None:
        """A row was created (before is empty) or changed."""
        self.rows.append({"model": label, "id": row_id, "before": before, "after": after})

    def wrote(self, label: str, verb: str, count: int) -> None:
        """Rows were written as a set."""
        self.rows.append({"model": label, "verb": verb, "count": count})

    def note(self, **detail: Any) -> None:
        """The log row says this as well. It is sealed, so it may hold PHI."""
        self.detail.update(detail)

    def concerns(self, subject: Subject) -> None:
        """The log row speaks of this as well, and is found by it."""
        self.others.append(subject)

    def cancel(self) -> None:
        """Nothing was changed after all: no log row, so that the log tells of changes only."""
        self.is_void = True


class Batch:
    """Many log rows, appended to the chain at once when the batch ends."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def saved(self, label: str, row_id: UUID, before: dict[str, object], after: dict[str, object]) -> None:
        """Rows of a batch are not repeated in the log."""

    def wrote(self, label: str, verb: str, count: int) -> None:
        """Rows of a batch are not repeated in the log."""

    def add(self, subject_type: str, subject_id: UUID, *, action: str, detail: dict[str, Any] | None = None) -> None:
        """One log row more."""
        self.entries.append(Entry(action, (subject_type, subject_id), detail or {}))


def _subject_of(subject: models.Model | Subject | None) -> Subject | None:
    if subject is None or isinstance(subject, tuple):
        return subject
    return subject._meta.model_name or "", subject.pk


def _practice_of(by: Actor) -> UUID:
    return practice_in_scope() or by.practice_id or PLATFORM_ID


@contextmanager
def change(
    action: str, *, subject: models.Model | Subject | None = None, by: Actor, reason: str = ""
) -> Iterator[Change]:
    """One transaction: the rows written inside it and one log row with their values before and after, or neither.

    The subject may be given later as `log.subject`. A cancelled change that wrote a row all the same is recorded.
    """
    log = Change(reason)
    with transaction.atomic(), recording(log):
        yield log
        if log.is_void and not log.rows:
            return
        named = log.subject or _subject_of(subject)
        detail = {**log.detail, "rows": log.rows} if log.rows else log.detail
        append([Entry(action, named, detail, tuple(log.others))], by=by)


@contextmanager
def batch(action: str, *, by: Actor) -> Iterator[Batch]:
    """One transaction for many rows; each `add` becomes a log row, and an empty batch leaves one named `action`."""
    log = Batch()
    with transaction.atomic(), recording(log):
        yield log
        append(log.entries or [Entry(action)], by=by)


def record_disclosure(action: str, *, subjects: Sequence[Subject], by: Actor) -> None:
    """The log says that these were shown to the actor. A short transaction of its own."""
    if not subjects:
        return
    first, others = (subjects[0], ()) if len(subjects) == 1 else (None, tuple(subjects))
    _append_alone(Entry(action, first, {}, others), by)


def record_look(action: str, *, subjects: Sequence[Subject], by: Actor, detail: dict[str, Any]) -> None:
    """As record_disclosure, with what was asked for, and also where nobody was shown."""
    _append_alone(Entry(action, None, detail, tuple(subjects)), by)


def record_further_disclosure(action: str, *, subjects: Sequence[Subject], by: Actor) -> None:
    """The log says that these were shown, except those it said so of for the same actor and action within 5 minutes.

    For a page that draws itself anew while somebody looks at it: one look, one row.
    """
    name = f"shown:{by.practice_id}:{by.user_id}:{action}"
    now = timezone.now().timestamp()
    shown: dict[UUID, float] = {key: at for key, at in (cache.get(name) or {}).items() if at > now - _LOOK_SECONDS}
    fresh = [subject for subject in subjects if subject[1] not in shown]
    if fresh:
        record_disclosure(action, subjects=fresh, by=by)
        cache.set(name, shown | {key: now for _, key in fresh}, timeout=_LOOK_SECONDS)


def record_event(
    action: str, *, by: Actor, subject: Subject | None = None, detail: dict[str, Any] | None = None
) -> None:
    """The log says that this happened. A short transaction of its own."""
    _append_alone(Entry(action, subject, detail or {}), by)


def _append_alone(entry: Entry, by: Actor) -> None:
    """A transaction of its own, or a part of the one that is open."""
    is_last = connection.get_autocommit()
    with transaction.atomic():
        append([entry], by=by, is_last=is_last)


def append(entries: Iterable[Entry], *, by: Actor, is_last: bool = False) -> None:
    """The entries are the newest links of the chain of the practice in scope (else the actor's, else the platform's).

    Must run inside a transaction: the head of the chain stays locked until it ends. With `is_last` nothing else comes
    in it, and where the database takes it so, it ends here.
    """
    practice_id = _practice_of(by)
    now = timezone.now()
    with _scope_of(practice_id), connection.cursor() as cursor:
        sequence, previous = _locked_head(cursor, practice_id)
        rows: list[appending.Row] = []
        named: list[appending.Named] = []
        for entry in entries:
            sequence += 1
            row = _sealed_row(entry, by, practice_id, sequence, previous, now)
            previous = row[-1]
            rows.append(row)
            named += [(row[0], kind, subject_id) for kind, subject_id in entry.others]
        appending.write(cursor, practice_id, rows, named, is_last=is_last)


def _scope_of(practice_id: UUID) -> AbstractContextManager[None]:
    """The database shows and takes a practice's rows in its scope only, whoever's scope is open."""
    if practice_id == PLATFORM_ID:
        return platform_scope()
    return nullcontext() if practice_in_scope() == practice_id else scope(practice_id)


def _locked_head(cursor: Any, practice_id: UUID) -> tuple[int, str]:
    """The chain's head, locked; a chain begins with the first row that it is asked for."""
    found = appending.lock_head(cursor, practice_id)
    while found is None:
        AuditChain.objects.bulk_create([AuditChain(practice_id=practice_id, mac=GENESIS)], ignore_conflicts=True)
        found = appending.lock_head(cursor, practice_id)
    return found


def _sealed_row(
    entry: Entry, by: Actor, practice_id: UUID, sequence: int, previous: str, now: datetime
) -> appending.Row:
    row_id = new_id()
    detail = entry.detail
    if entry.others:
        detail = {**detail, "subjects": entry.others}
    if by.circumstance:
        detail = {**detail, "circumstance": by.circumstance}
    kind, subject_id = entry.subject or ("", None)
    role = by.label or by.role
    plaintext = orjson.dumps(detail, default=str)
    token = seal_bytes(practice_id, Purpose.AUDIT_DATA, plaintext, b"audit" + row_id.bytes)
    fields = (
        row_id.hex,
        practice_id.hex,
        str(sequence),
        now.isoformat(),
        by.user_id.hex if by.user_id else "",
        role,
        entry.action,
        kind,
        subject_id.hex if subject_id else "",
        by.ip,
        by.request_id,
        token,
    )
    link = mac(practice_id, Purpose.AUDIT_MAC, link_message(previous, fields)).hex()
    return (
        row_id,
        practice_id,
        sequence,
        now,
        by.user_id,
        role,
        entry.action,
        kind,
        subject_id,
        by.ip,
        by.request_id,
        token,
        previous,
        link,
    )

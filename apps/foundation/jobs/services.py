"""Taking work under a lease, ending it, and putting it off; and how a process that lives long treats its memory.

Leases are bookkeeping, not clinical facts: these writes go through the base manager, in the platform's scope and
outside the audit log.
"""

import gc
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from random import SystemRandom
from typing import TypeVar
from uuid import uuid4

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from apps.foundation.jobs.models import LeasedWork, WorkAttempt
from apps.foundation.jobs.rules import LONGEST_SECONDS, backoff_seconds
from apps.foundation.jobs.types import LeaseLost, WorkState
from apps.foundation.tenancy.models import PracticeModel
from apps.foundation.tenancy.services import platform_scope

Work = TypeVar("Work", bound=LeasedWork)

LEASE_SECONDS = 60
MAX_ATTEMPTS = 5
_chance = SystemRandom()
_YOUNG_OBJECTS = 20_000


def claim(
    model: type[Work],
    *,
    limit: int = 50,
    states: Sequence[str] = (WorkState.NEW.value,),
    lease_seconds: int = LEASE_SECONDS,
    interrupted: bool | None = None,
    among: Q | None = None,
    now: datetime | None = None,
) -> list[Work]:
    """Up to `limit` rows that are due are ours for `lease_seconds`, oldest first; nobody else gets them meanwhile.

    Commits on its own. `among` names the rows that are meant, by their own columns. `interrupted` asks for rows whose
    last holder vanished, or for the others only: what may kill its worker should not take others with it, and goes
    after what was tried less often. A lease or a waiting time that lies further ahead than any we give comes from a
    clock that jumped back, and holds nobody.
    """
    now = now or timezone.now()
    owner = uuid4()
    far_lease = now + timedelta(seconds=max(lease_seconds, LEASE_SECONDS) + 60)
    far_wait = now + timedelta(seconds=LONGEST_SECONDS + 60)
    due = Q(not_before__lte=now) | Q(not_before__gt=far_wait)
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now) | Q(lease_until__gt=far_lease)
    with _reach_of(model):
        rows = model._base_manager.filter(due, free, state__in=states).order_by("not_before", "pk")
        if among is not None:
            rows = rows.filter(among)
        if interrupted is not None:
            rows = rows.filter(lease_owner__isnull=not interrupted)
        if interrupted:
            rows = rows.order_by("attempts", "not_before", "pk")
        if not rows[:1].values_list("pk", flat=True).exists():
            return []
        with transaction.atomic():
            claimed = list(rows.select_for_update(skip_locked=True)[:limit])
            until = now + timedelta(seconds=lease_seconds)
            for row in claimed:
                row.lease_owner, row.lease_until, row.attempts = owner, until, row.attempts + 1
            model._base_manager.filter(pk__in=[row.pk for row in claimed]).update(
                lease_owner=owner, lease_until=until, attempts=F("attempts") + 1
            )
            WorkAttempt.objects.bulk_create(
                WorkAttempt(
                    work_type=model._meta.label_lower,
                    work_id=row.pk,
                    lease_owner=owner,
                    number=row.attempts,
                    started_at=now,
                )
                for row in claimed
            )
        return claimed


def advance(rows: Sequence[Work], *, state: str) -> None:
    """The rows are in this state and still ours. Raises LeaseLost if one no longer is: roll back then."""
    _move(rows, {"state": state})


def complete(rows: Sequence[Work], *, state: str = WorkState.DONE.value) -> None:
    """The rows are finished in this state and nobody's. Raises LeaseLost if one was no longer ours: roll back then."""
    _move(rows, {"state": state, "lease_owner": None, "lease_until": None, "last_error": ""})
    _end_attempts(rows, outcome=state, error="")


def release(rows: Sequence[Work]) -> None:
    """The rows are nobody's again, at once due, and this try does not count."""
    for row in rows:
        row.attempts -= 1
        _ours(row, lease_owner=None, lease_until=None, attempts=row.attempts)
    _end_attempts(rows, outcome="released", error="")


def retry_later(
    row: LeasedWork,
    *,
    error: str,
    max_attempts: int = MAX_ATTEMPTS,
    at_least: timedelta = timedelta(0),
    not_after: datetime | None = None,
) -> None:
    """The row waits longer with every attempt, or is dead after the last. `error` names a class, never a value.

    `at_least` is what a partner asked for; more than an hour is not believed. At `not_after` it is looked at in any
    case.
    """
    dead = row.attempts >= max_attempts
    asked = min(at_least, timedelta(seconds=LONGEST_SECONDS))
    due = timezone.now() + max(timedelta(seconds=backoff_seconds(row.attempts, _chance)), asked)
    _ours(
        row,
        state=WorkState.DEAD.value if dead else row.state,
        not_before=due if not_after is None else min(due, not_after),
        lease_owner=None,
        lease_until=None,
        last_error=error[:120],
    )
    _end_attempts([row], outcome="dead" if dead else "retry", error=error[:120])


def count_interruptions(row: LeasedWork) -> int:
    """How many earlier attempts at this row were cut off: nobody was left to say how they ended."""
    attempts = WorkAttempt.objects.filter(work_type=row._meta.label_lower, work_id=row.pk, ended_at__isnull=True)
    return (attempts.exclude(lease_owner=row.lease_owner) if row.lease_owner else attempts).count()


def _move(rows: Sequence[Work], values: dict[str, object]) -> None:
    if not rows:
        return
    owners = {row.lease_owner for row in rows}
    model = type(rows[0])
    with _reach_of(model):
        moved = model._base_manager.filter(pk__in=[row.pk for row in rows], lease_owner__in=owners).update(**values)
    if moved != len(rows):
        raise LeaseLost(type(rows[0])._meta.label)
    for row in rows:
        row.state = str(values["state"])


def _ours(row: LeasedWork, **values: object) -> None:
    model = type(row)
    with _reach_of(model):
        model._base_manager.filter(pk=row.pk, lease_owner=row.lease_owner).update(**values)


def _reach_of(model: type[LeasedWork]) -> AbstractContextManager[None]:
    """Work of every practice lies in one table, and no practice is known before it is taken."""
    return platform_scope() if issubclass(model, PracticeModel) else nullcontext()


def _end_attempts(rows: Sequence[LeasedWork], *, outcome: str, error: str) -> None:
    WorkAttempt.objects.filter(
        lease_owner__in={row.lease_owner for row in rows}, work_id__in=[row.pk for row in rows]
    ).update(ended_at=timezone.now(), outcome=outcome, error=error)


def collect_garbage_rarely() -> None:
    """What start-up made is never looked at again, and young objects less often.

    A page of rows or a batch makes tens of thousands of objects that die at once; looking at them again and again cost
    a fifth of the time, in pauses that show in the slowest requests.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 20, 50)

"""Telling every practice beforehand when the product will not answer (NOT-07)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from apps.foundation.audit import services as audit
from apps.foundation.notifications.models import MaintenanceWindow
from apps.foundation.notifications.services.outbox import queue_notification
from apps.foundation.notifications.types import TooLateToAnnounce
from apps.foundation.tenancy.selectors import list_practices
from apps.foundation.tenancy.services import scope
from apps.foundation.tenancy.types import Actor

AHEAD = timedelta(hours=48)
"""How long before it begins a maintenance is announced (NOT-07)."""


def announce_maintenance(
    *, starts_at: datetime, ends_at: datetime, now: datetime, at_short_notice: bool = False
) -> int:
    """The teams of all practices are told, and their page of notifications shows the time until it is over.

    How many practices were told; the same time announced again tells nobody twice. Raises ValueError where it ends
    before it begins, and TooLateToAnnounce with less than 48 hours to go, unless `at_short_notice` says that it can't
    wait.
    """
    if ends_at <= starts_at or ends_at <= now:
        raise ValueError("a maintenance ends after it begins, and not in the past")
    if starts_at - now < AHEAD and not at_short_notice:
        raise TooLateToAnnounce
    operator = Actor.system("operator")
    with transaction.atomic():
        window, is_new = MaintenanceWindow.objects.get_or_create(
            starts_at=starts_at, ends_at=ends_at, withdrawn_at=None, defaults={"announced_at": now}
        )
        if not is_new:
            return 0
        practices = list_practices()
        audit.record_event("maintenance.announce", by=operator, detail=_detail(window))
        for practice in practices:
            by = Actor.system("operator", practice.id)
            subject = ("practice", practice.id)
            with scope(practice.id), audit.change("maintenance.announce", subject=subject, by=by) as log:
                log.note(**_detail(window))
                queue_notification(kind="maintenance", reference=window.id)
    return len(practices)


def withdraw_maintenance(*, window_id: UUID, now: datetime) -> bool:
    """The time is shown no more. Whether there was anything to withdraw."""
    with transaction.atomic():
        window = MaintenanceWindow.objects.select_for_update().filter(id=window_id, withdrawn_at__isnull=True).first()
        if window is None:
            return False
        window.withdrawn_at = now
        window.save()
        audit.record_event("maintenance.withdraw", by=Actor.system("operator"), detail=_detail(window))
    return True


def _detail(window: MaintenanceWindow) -> dict[str, object]:
    return {"window": window.id, "starts_at": window.starts_at, "ends_at": window.ends_at}

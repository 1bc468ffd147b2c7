"""Deliveries that were over long ago go, what is under way stays, and the trail keeps the counts."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from apps.foundation.notifications import services
from apps.foundation.notifications.models import Notification, NotificationDelivery
from apps.foundation.notifications.services import retention
from apps.foundation.notifications.services.retention import KEPT, forget_old_deliveries
from tests.cast import Cast, CastPractice

pytestmark = pytest.mark.django_db
SOON = timedelta(minutes=1)


def tell(practice: CastPractice, times: int = 1) -> None:
    """The nurse is told so often."""
    with practice.scope(), audit.change("test.tell", by=practice.system):
        for _ in range(times):
            services.queue_notification(kind="hand_over", reference=uuid4(), recipient_id=practice.people["nurse"])
    services.make_due_deliveries(only_bell=True)


def standing(practice: CastPractice) -> tuple[int, int]:
    with practice.scope():
        return NotificationDelivery.objects.count(), Notification.objects.count()


def test_what_ended_90_days_ago_is_gone_and_counted(cast: Cast) -> None:
    tell(cast.highland, 2)
    tell(cast.lakeside)
    now = timezone.now()
    assert forget_old_deliveries(now=now + KEPT - SOON) == 0
    assert standing(cast.highland) == (2, 2)
    assert forget_old_deliveries(now=now + KEPT + SOON) == 6
    assert standing(cast.highland) == standing(cast.lakeside) == (0, 0)
    with cast.highland.scope():
        row = AuditLog.objects.get(action="notification.deliveries_forget", practice_id=cast.highland.id)
        told = open_detail(row)
    assert (told["deliveries"], told["notifications"]) == (2, 2)
    assert forget_old_deliveries(now=now + KEPT + SOON) == 0
    assert AuditLog.objects.filter(action="notification.deliveries_forget").count() == 2


def test_what_is_under_way_stays(cast: Cast) -> None:
    tell(cast.highland)
    with cast.highland.scope(), audit.change("test.hold", by=cast.highland.system):
        NotificationDelivery.objects.update(state="held")
        services.queue_notification(kind="hand_over", reference=uuid4(), recipient_id=cast.highland.people["nurse"])
    assert forget_old_deliveries(now=timezone.now() + 2 * KEPT) == 0
    assert standing(cast.highland) == (1, 2)


def test_a_round_takes_the_oldest_and_leaves_the_rest_to_the_next(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "MOST_AT_ONCE", 2)
    tell(cast.highland, 5)
    later = timezone.now() + 2 * KEPT
    left = []
    for _ in range(3):
        forget_old_deliveries(now=later)
        left.append(standing(cast.highland))
    assert left == [(3, 3), (1, 1), (0, 0)]

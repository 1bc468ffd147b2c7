"""A maintenance is announced to every practice, once, 48 hours ahead, and shown until it is over."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.foundation.audit.models import AuditLog
from apps.foundation.notifications import services
from apps.foundation.notifications.models import Notification, NotificationDelivery
from apps.foundation.notifications.selectors import planned_maintenance
from apps.foundation.notifications.types import TooLateToAnnounce
from tests.cast import Cast

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_every_practice_is_told_once_and_sees_it_until_it_is_over(cast: Cast) -> None:
    now = timezone.now()
    starts, ends = now + 49 * HOUR, now + 51 * HOUR
    assert services.announce_maintenance(starts_at=starts, ends_at=ends, now=now) == 2
    assert services.announce_maintenance(starts_at=starts, ends_at=ends, now=now) == 0
    for practice in (cast.highland, cast.lakeside):
        with practice.scope():
            assert Notification.objects.filter(kind="maintenance").count() == 1
            assert AuditLog.objects.filter(action="maintenance.announce", practice_id=practice.id).count() == 1
    services.make_due_deliveries(only_bell=True)
    with cast.highland.scope():
        told = set(NotificationDelivery.objects.values_list("person_id", flat=True))
    assert cast.highland.people["nurse"] in told and cast.highland.people["patient"] not in told
    assert "Maintenance is planned" in cast.highland.client("nurse").get("/notifications/").content.decode()
    assert [one.starts_at for one in planned_maintenance(ends - HOUR)] == [starts]
    assert not planned_maintenance(ends)


def test_less_than_48_hours_ahead_is_too_late_unless_it_cannot_wait(cast: Cast) -> None:
    now = timezone.now()
    soon = {"starts_at": now + 47 * HOUR, "ends_at": now + 48 * HOUR, "now": now}
    with pytest.raises(TooLateToAnnounce):
        services.announce_maintenance(**soon)
    assert not planned_maintenance(now)
    assert services.announce_maintenance(**soon, at_short_notice=True) == 2
    with pytest.raises(ValueError, match="after it begins"):
        services.announce_maintenance(starts_at=now + 60 * HOUR, ends_at=now + 60 * HOUR, now=now)


def test_the_operator_announces_lists_and_withdraws(cast: Cast) -> None:
    now = timezone.now()
    asked = {"starts_at": now + 72 * HOUR, "ends_at": now + 73 * HOUR}
    said = StringIO()
    call_command("announce_maintenance", **asked, stdout=said)
    first, second = said.getvalue().splitlines()
    assert first == "2 practices told"
    with pytest.raises(CommandError, match="48 hours"):
        call_command("announce_maintenance", starts_at=now + HOUR, ends_at=now + 2 * HOUR)
    with pytest.raises(CommandError, match="go together"):
        call_command("announce_maintenance", starts_at=now + HOUR)
    listed = StringIO()
    call_command("announce_maintenance", withdraw=planned_maintenance(now)[0].id, stdout=listed)
    assert second and not listed.getvalue()
    assert not planned_maintenance(now)
    with pytest.raises(CommandError, match="no such window"):
        call_command("announce_maintenance", withdraw="00000000-0000-0000-0000-000000000000")

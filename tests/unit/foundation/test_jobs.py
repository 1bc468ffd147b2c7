"""Leases: one holder at a time, nothing lost when a holder vanishes."""

from datetime import timedelta
from random import Random
from threading import Event
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.foundation.audit import services as audit
from apps.foundation.jobs.decorators import Sweep, registered_sweeps
from apps.foundation.jobs.models import WorkAttempt
from apps.foundation.jobs.rules import LONGEST_SECONDS, backoff_seconds
from apps.foundation.jobs.services import advance, claim, complete, count_interruptions, release, retry_later
from apps.foundation.jobs.types import LeaseLost
from apps.foundation.jobs.worker import sweep_threads
from apps.foundation.notifications.models import Notification
from apps.foundation.notifications.services import queue_notification, send_due_notifications
from apps.foundation.notifications.tasks import send_due_notifications as send_notifications
from apps.foundation.tenancy.services import register_practice, scope
from apps.foundation.tenancy.types import Actor

BY = Actor.system("test")


@pytest.fixture
def practice(db):
    return register_practice(name="One", time_zone="America/Chicago")


def queue(practice, count):
    with scope(practice), audit.batch("test", by=BY):
        for _ in range(count):
            queue_notification(kind="critical_alert", reference=uuid4(), urgency="high")


def states():
    return sorted(Notification._base_manager.values_list("state", flat=True))


def test_what_one_claimed_another_does_not_get(practice):
    queue(practice, 5)
    first = claim(Notification, limit=3)
    second = claim(Notification, limit=3)
    assert (len(first), len(second)) == (3, 2)
    assert not {row.pk for row in first} & {row.pk for row in second}


def test_a_lease_that_ran_out_is_claimed_again_and_its_first_holder_must_roll_back(practice):
    queue(practice, 1)
    now = timezone.now()
    lost = claim(Notification, lease_seconds=10, now=now)
    assert claim(Notification, now=now + timedelta(seconds=9)) == []
    again = claim(Notification, now=now + timedelta(seconds=11))
    assert [row.attempts for row in again] == [2]
    with pytest.raises(LeaseLost):
        complete(lost)
    complete(again)
    assert states() == ["done"]


def test_a_clock_that_jumped_back_blocks_nobody(practice):
    queue(practice, 1)
    later = timezone.now() + timedelta(hours=5)
    claim(Notification, now=later)
    assert len(claim(Notification, now=later - timedelta(hours=4, minutes=30))) == 1


def test_advancing_keeps_the_lease(practice):
    queue(practice, 1)
    rows = claim(Notification)
    advance(rows, state="recorded")
    assert claim(Notification, states=("new", "recorded")) == []
    complete(rows)
    assert states() == ["done"]


def test_a_failure_waits_longer_and_the_fifth_is_the_last(practice):
    queue(practice, 1)
    now = timezone.now()
    for attempt in range(1, 6):
        (row,) = claim(Notification, now=now)
        assert row.attempts == attempt
        retry_later(row, error="TimeoutError")
        now += timedelta(hours=1)
    assert states() == ["dead"]
    outcomes = WorkAttempt.objects.order_by("number").values_list("outcome", "error")
    assert list(outcomes) == [("retry", "TimeoutError")] * 4 + [("dead", "TimeoutError")]


def test_a_released_row_is_due_at_once_and_the_try_does_not_count(practice):
    queue(practice, 1)
    release(claim(Notification))
    (row,) = claim(Notification)
    assert row.attempts == 1


def test_an_interrupted_attempt_has_no_end(practice):
    queue(practice, 1)
    claim(Notification)
    assert WorkAttempt.objects.get().ended_at is None


@pytest.mark.parametrize("attempts", [0, 1, 5, 12, 1000])
def test_waiting_is_never_longer_than_an_hour(attempts):
    waits = [backoff_seconds(attempts, Random(seed)) for seed in range(200)]
    longest = min(LONGEST_SECONDS, 5 * 2 ** min(attempts, 20))
    assert longest / 2 <= min(waits) < max(waits) <= longest


def test_what_was_cut_off_is_claimed_apart_from_the_rest(practice):
    queue(practice, 3)
    now = timezone.now()
    (cut_off,) = claim(Notification, limit=1, lease_seconds=10, now=now)
    later = now + timedelta(seconds=11)
    assert claim(Notification, interrupted=True, now=now) == []
    fresh = claim(Notification, interrupted=False, now=later)
    assert len(fresh) == 2
    assert cut_off.pk not in {row.pk for row in fresh}
    (again,) = claim(Notification, interrupted=True, now=later)
    assert (again.pk, again.attempts, count_interruptions(again)) == (cut_off.pk, 2, 1)


def test_of_what_was_cut_off_the_least_tried_goes_first(practice):
    queue(practice, 2)
    now = timezone.now()
    claim(Notification, lease_seconds=10, now=now)
    (first,) = claim(Notification, limit=1, interrupted=True, lease_seconds=10, now=now + timedelta(seconds=11))
    (second,) = claim(Notification, limit=1, interrupted=True, now=now + timedelta(seconds=30))
    assert (first.attempts, second.attempts) == (2, 2)
    assert first.pk != second.pk


def test_due_notifications_leave_once(practice, caplog):
    queue(practice, 3)
    assert send_due_notifications() == 3
    assert send_due_notifications() == 0
    assert states() == ["done"] * 3
    assert Notification._base_manager.filter(sent_at__isnull=False).count() == 3


def test_a_notification_of_free_text_is_refused(practice):
    with scope(practice), audit.batch("test", by=BY), pytest.raises(ValueError, match="catalogue"):
        queue_notification(kind="BP of Jane is 184/122", reference=uuid4())


class Doing:
    """A job that does this."""

    def __init__(self, run):
        self.run = run


def test_a_sweep_that_waits_for_strangers_holds_no_other_up():
    answered, ran = Event(), Event()
    silent = Sweep(Doing(answered.wait), 5, waits_for_strangers=True)
    ours = Sweep(Doing(ran.set), 5)
    threads = sweep_threads((silent, ours))
    for thread in threads:
        thread.start()
    try:
        assert ran.wait(60)
    finally:
        answered.set()
        for thread in threads:
            thread.stop()
            thread.join(60)


def test_sending_notifications_is_such_a_sweep():
    (found,) = [one for one in registered_sweeps() if one.job is send_notifications]
    assert found.waits_for_strangers

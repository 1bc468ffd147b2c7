"""Without a scope nothing is found, and a scope finds one practice."""

import time
from uuid import uuid4

import pytest
from django_scopes import ScopeError

from apps.foundation.audit import services as audit
from apps.foundation.notifications.models import Notification
from apps.foundation.notifications.services import queue_notification
from apps.foundation.tenancy.ids import new_id
from apps.foundation.tenancy.services import current_practice_id, platform_scope, register_practice, scope
from apps.foundation.tenancy.types import Actor, NoPracticeScope, NotPermitted

BY = Actor.system("test")


@pytest.fixture
def two_practices(db):
    ids = [register_practice(name=name, time_zone="America/Chicago") for name in ("One", "Two")]
    for practice_id in ids:
        with scope(practice_id), audit.batch("test", by=BY):
            queue_notification(kind="critical_alert", reference=uuid4())
    return ids


def test_a_query_without_a_scope_raises(two_practices):
    for query in (Notification.objects.count, Notification.objects.first, lambda: list(Notification.objects.all())):
        with pytest.raises(ScopeError):
            query()
    with pytest.raises(NoPracticeScope):
        current_practice_id()


def test_a_scope_finds_its_own_rows_only(two_practices):
    one, two = two_practices
    with scope(one):
        (row,) = Notification.objects.all()
        assert row.practice_id == one
        assert not Notification.objects.filter(practice_id=two).exists()
        assert current_practice_id() == one
    with platform_scope():
        assert Notification.objects.count() == 2


def test_the_scope_ends_with_its_block_even_after_an_error(two_practices):
    with pytest.raises(RuntimeError), scope(two_practices[0]):
        raise RuntimeError
    with pytest.raises(ScopeError):
        Notification.objects.count()


def test_ids_are_version_7_and_in_the_order_of_time(monkeypatch):
    at = time.time_ns() // 1_000_000 * 1_000_000
    made = []
    for after in (0, 1_000, 2_000, 999_000, 1_000_000):
        monkeypatch.setattr(time, "time_ns", lambda after=after: at + after)
        made.append(new_id())
    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}
    assert made == sorted(made)
    assert {one.int >> 80 for one in made[:4]} == {at // 1_000_000}
    assert new_id() != made[-1]


def test_an_actor_may_what_it_was_given():
    nurse = Actor(uuid4(), uuid4(), "nurse", frozenset({"patient.read"}))
    nurse.require("patient.read")
    with pytest.raises(NotPermitted):
        nurse.require("audit.read")
    with pytest.raises(NotPermitted):
        nurse.within(uuid4())
    assert BY.may("anything")

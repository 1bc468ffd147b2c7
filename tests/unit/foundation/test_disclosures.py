"""A page that draws itself anew is one look: a row for each patient, not for each drawing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import writing
from apps.foundation.tenancy.services import register_practice
from apps.foundation.tenancy.types import Actor

ONE, TWO, THREE = (("patient", uuid4()) for _ in range(3))


@pytest.fixture
def nurse(db):
    cache.clear()
    return Actor(uuid4(), register_practice(name="One", time_zone="America/Chicago"), "nurse")


def shown_to(actor):
    rows = AuditLog.objects.filter(actor_id=actor.user_id).order_by("sequence").prefetch_related("others")
    return [
        [(other.subject_type, other.subject_id) for other in row.others.all()] or [(row.subject_type, row.subject_id)]
        for row in rows
    ]


def test_only_who_was_not_shown_lately_is_recorded_again(nurse):
    audit.record_further_disclosure("triage.board", subjects=[ONE, TWO], by=nurse)
    audit.record_further_disclosure("triage.board", subjects=[ONE, TWO], by=nurse)
    audit.record_further_disclosure("triage.board", subjects=[TWO, THREE], by=nurse)
    assert shown_to(nurse) == [[ONE, TWO], [THREE]]


def test_after_five_minutes_it_is_another_look(nurse, monkeypatch):
    audit.record_further_disclosure("triage.board", subjects=[ONE], by=nurse)
    later = timezone.now() + timedelta(minutes=5, seconds=1)
    monkeypatch.setattr(writing.timezone, "now", lambda: later)
    audit.record_further_disclosure("triage.board", subjects=[ONE], by=nurse)
    assert shown_to(nurse) == [[ONE], [ONE]]


def test_each_person_and_each_page_looks_for_itself(nurse):
    colleague = Actor(uuid4(), nurse.practice_id, "nurse")
    for actor, action in ((nurse, "triage.board"), (colleague, "triage.board"), (nurse, "patient.list")):
        audit.record_further_disclosure(action, subjects=[ONE], by=actor)
    assert (shown_to(nurse), shown_to(colleague)) == ([[ONE], [ONE]], [[ONE]])

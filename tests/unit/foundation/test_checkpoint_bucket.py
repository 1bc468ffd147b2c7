"""Checkpoints in a bucket: boto3 itself against a stand-in that is as strict as object lock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from apps.foundation.audit import places
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import checkpoints
from apps.foundation.tenancy.services import register_practice, scope
from apps.foundation.tenancy.types import Actor
from tests.unit.foundation.bucket import FakeBucket, running_bucket

BY = Actor.system("test")
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture
def bucket(settings, monkeypatch) -> Iterator[FakeBucket]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "for-the-test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    checkpoints._immutable.cache_clear()
    with running_bucket() as held:
        settings.AUDIT_CHECKPOINT_DIR = ""
        settings.AUDIT_CHECKPOINT_BUCKET = "elsewhere"
        settings.AUDIT_CHECKPOINT_ENDPOINT = held.url
        yield held
        places._client(held.url).close()


@pytest.fixture
def practice(db, bucket):
    practice_id = register_practice(name="One", time_zone="America/Chicago")
    with scope(practice_id):
        audit.record_event("test.event", by=BY, subject=("thing", uuid4()))
    return practice_id


def test_it_is_locked_for_seven_years_and_never_replaced(practice, bucket):
    done = audit.store_checkpoint(now=NOW, by=BY)
    assert (done.stored, done.failed) == (("bucket",), ())
    (key,) = bucket.objects
    assert key == f"/elsewhere/audit-checkpoints/{done.name}"
    sent = bucket.headers[key]
    assert sent["x-amz-object-lock-mode"] == "COMPLIANCE"
    kept_until = datetime.fromisoformat(sent["x-amz-object-lock-retain-until-date"].replace("Z", "+00:00"))
    assert kept_until > datetime.now(UTC) + timedelta(days=7 * 365)
    before = dict(bucket.objects)
    assert audit.store_checkpoint(now=NOW, by=BY).failed == ("bucket: PreconditionFailed",)
    assert bucket.objects == before


def test_every_page_of_the_bucket_is_compared(practice, bucket):
    for day in range(5):
        audit.store_checkpoint(now=NOW + timedelta(days=day), by=BY)
    report = audit.verify_trail(practice)
    assert (report.ok, report.checkpoints) == (True, 5)
    first = min(bucket.objects)
    bucket.objects[first] = b"{}"
    checkpoints._immutable.cache_clear()
    assert not audit.verify_trail(practice).ok


def test_a_bucket_that_is_down_is_told_of_and_stops_nothing(practice, bucket):
    audit.store_checkpoint(now=NOW, by=BY)
    bucket.is_down = True
    done = audit.store_checkpoint(now=NOW + timedelta(days=1), by=BY)
    assert done.failed == ("bucket: SlowDown",)
    assert AuditLog.objects.filter(practice_id=practice, action="audit.checkpoint_fail").count() == 1
    report = audit.verify_trail(practice)
    assert (report.ok, report.unread) == (True, 1)

"""Checkpoints: what a walk along the chain can't see, a note in a second place does (attack 16)."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection, transaction

from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditChain, AuditLog, AuditSubject
from apps.foundation.audit.places import Folder
from apps.foundation.audit.services import checkpoints
from apps.foundation.audit.types import PlaceFailure
from apps.foundation.tenancy.services import register_practice, scope
from apps.foundation.tenancy.types import PLATFORM_ID, Actor
from tests import product_role

BY = Actor.system("test")
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture
def folder(settings, tmp_path):
    checkpoints._immutable.cache_clear()
    settings.AUDIT_CHECKPOINT_DIR = str(tmp_path / "elsewhere")
    settings.AUDIT_CHECKPOINT_BUCKET = ""
    return Path(settings.AUDIT_CHECKPOINT_DIR)


@pytest.fixture
def practice(db, folder):
    return register_practice(name="One", time_zone="America/Chicago")


def write(practice, *words):
    with scope(practice):
        for word in words:
            audit.record_look("test.event", subjects=[("thing", uuid4())], by=BY, detail={"word": word})


def put_away(at=NOW):
    return audit.store_checkpoint(now=at, by=BY)


def behind(*statements):
    """As whoever owns the database: the refusals are taken off and put up again."""
    with product_role.behind_the_triggers(), transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def forget_everything(practice, *, from_row=1):
    with product_role.behind_the_triggers():
        rows = AuditLog.objects.filter(practice_id=practice, sequence__gte=from_row)
        AuditSubject.objects.filter(log__in=rows).delete()
        rows.delete()
        before = AuditLog.objects.filter(practice_id=practice).order_by("-sequence").first()
        head = (before.sequence, before.mac) if before else (0, "0" * 64)
        AuditChain.objects.filter(practice_id=practice).update(sequence=head[0], mac=head[1])


def test_an_honest_chain_agrees_with_every_checkpoint(practice):
    write(practice, "one", "two")
    for day in range(3):
        done = put_away(NOW + timedelta(days=day))
        assert (done.stored, done.failed) == (("folder",), ())
        write(practice, "more")
    report = audit.verify_trail(practice)
    assert (report.ok, report.checkpoints, report.unread) == (True, 3, 0)
    assert audit.verify_trail(PLATFORM_ID).ok


def test_half_a_checkpoint_is_never_taken_for_a_forged_one(practice, folder, monkeypatch):
    write(practice, "one")

    def full(descriptor):
        assert not list(folder.glob("*.json")), "whoever reads meanwhile sees half of it"
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        done = put_away()
    assert (done.stored, done.failed) == ((), ("folder: OSError",))
    assert list(folder.iterdir()) == []
    assert audit.verify_trail(practice).ok
    assert put_away(NOW + timedelta(hours=1)).stored == ("folder",)
    assert audit.verify_trail(practice).ok


@pytest.mark.parametrize("links", [True, False], ids=["with links", "without links"])
def test_a_name_that_is_taken_is_never_given_again(folder, monkeypatch, links):
    if not links:
        monkeypatch.setattr("os.link", lambda *_: (_ for _ in ()).throw(PermissionError(1, "no links here")))
    place = Folder(folder)
    place.put("a.json", b"first")
    with pytest.raises(PlaceFailure):
        place.put("a.json", b"second")
    assert (place.names(), place.read("a.json")) == (["a.json"], b"first")
    assert [path.name for path in folder.iterdir()] == ["a.json"]


EDIT = "UPDATE audit_auditlog SET actor_role = 'admin' WHERE sequence = 2"
SWAP = (
    "UPDATE audit_auditlog SET sequence = 1000 WHERE sequence = 2",
    "UPDATE audit_auditlog SET sequence = 2 WHERE sequence = 3",
    "UPDATE audit_auditlog SET sequence = 3 WHERE sequence = 1000",
)
FORGET_SUBJECT = "DELETE FROM audit_auditsubject WHERE id = (SELECT min(id) FROM audit_auditsubject)"


@pytest.mark.parametrize(
    ("statements", "first_bad"), [((EDIT,), 2), (SWAP, 2), ((FORGET_SUBJECT,), 1)], ids=["edit", "swap", "subject"]
)
def test_what_is_done_to_rows_shows_in_the_chain_itself(practice, statements, first_bad):
    write(practice, "one", "two", "three", "four")
    behind(*statements)
    report = audit.verify_trail(practice)
    assert (report.ok, report.first_bad) == (False, first_bad)


def test_a_deleted_row_shows(practice):
    write(practice, "one", "two", "three")
    behind(
        "DELETE FROM audit_auditsubject WHERE log_id IN (SELECT id FROM audit_auditlog WHERE sequence = 2)",
        "DELETE FROM audit_auditlog WHERE sequence = 2",
    )
    assert audit.verify_trail(practice).first_bad == 2


def test_a_tail_cut_together_with_its_head_shows_only_in_a_checkpoint(practice):
    write(practice, "one", "two", "three", "four")
    put_away()
    forget_everything(practice, from_row=3)
    assert audit.verify_chain(practice).ok, "the chain alone can't tell"
    report = audit.verify_trail(practice)
    assert (report.ok, report.first_bad, report.reason) == (False, 4, "rows that a checkpoint knows of are gone")


def test_a_chain_written_anew_with_the_stolen_keys_shows_only_in_a_checkpoint(practice):
    write(practice, "one", "theft", "three")
    put_away()
    forget_everything(practice)
    write(practice, "one", "nothing", "three", "four", "five")
    assert audit.verify_chain(practice).ok, "the chain alone can't tell"
    report = audit.verify_trail(practice)
    assert (report.ok, report.first_bad) == (False, 3)
    assert report.reason == "the chain is not the one that a checkpoint knows"


def test_a_later_checkpoint_of_the_new_chain_does_not_hide_it(practice):
    write(practice, "one", "two")
    put_away()
    forget_everything(practice)
    write(practice, "one", "two", "three", "four")
    put_away(NOW + timedelta(days=1))
    assert not audit.verify_trail(practice).ok


def test_a_changed_or_foreign_checkpoint_is_found(practice, folder, settings):
    write(practice, "one")
    name = put_away().name
    path = folder / name
    path.chmod(0o600)
    envelope = json.loads(path.read_text())
    said = json.loads(envelope["body"])
    said["heads"][str(practice)][0] += 1
    path.write_text(json.dumps({"body": json.dumps(said), "signature": envelope["signature"]}))
    checkpoints._immutable.cache_clear()
    assert audit.verify_trail(practice).reason == "a checkpoint was changed or is not ours"
    path.write_text("{}")
    checkpoints._immutable.cache_clear()
    assert not audit.verify_trail(practice).ok


def test_a_checkpoint_of_an_older_root_key_is_known_by_its_public_key(practice, settings):
    write(practice, "one")
    put_away()
    (old_key,) = audit.public_keys()
    secret = checkpoints.derived_secrets
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoints, "derived_secrets", lambda purpose: (b"n" * 32,))
        assert old_key not in audit.public_keys()
        assert not audit.verify_trail(practice).ok
        settings.AUDIT_CHECKPOINT_PUBLIC_KEYS = [old_key]
        assert audit.verify_trail(practice).ok
    assert secret is checkpoints.derived_secrets


def test_nothing_is_ever_overwritten(practice, folder):
    write(practice, "one")
    name = put_away().name
    before = (folder / name).read_bytes()
    again = put_away()
    assert (again.stored, again.failed) == ((), ("folder: FileExistsError",))
    assert (folder / name).read_bytes() == before
    assert not stat.S_IMODE((folder / name).stat().st_mode) & 0o222
    with pytest.raises(PlaceFailure):
        Folder(folder).put(name, b"other")


def test_a_place_that_fails_is_told_of_and_stops_nothing(practice, folder):
    write(practice, "one")
    folder.write_text("no folder")
    done = put_away()
    assert (done.stored, len(done.failed)) == ((), 1)
    row = AuditLog.objects.get(practice_id=practice, action="audit.checkpoint_fail")
    assert audit.open_detail(row)["failed"][0].startswith("folder: ")
    report = audit.verify_trail(practice)
    assert report.ok
    write(practice, "two")


def test_one_a_day_is_due(practice):
    write(practice, "one")
    assert audit.checkpoint_due(NOW)
    put_away()
    assert not audit.checkpoint_due(NOW + timedelta(hours=5))
    assert audit.store_checkpoint(now=NOW + timedelta(hours=5), by=BY, only_due=True).stored == ()
    assert audit.checkpoint_due(NOW + timedelta(days=1))


def test_each_checkpoint_holds_the_digest_of_the_one_before(practice, folder):
    from hashlib import sha256

    write(practice, "one")
    first = put_away().name
    second = put_away(NOW + timedelta(days=1)).name
    said = json.loads(json.loads((folder / second).read_text())["body"])
    assert said["previous"] == sha256((folder / first).read_bytes()).hexdigest()


def test_without_a_second_place_nothing_fails(practice, settings):
    settings.AUDIT_CHECKPOINT_DIR = ""
    write(practice, "one")
    assert not audit.has_second_place()
    assert not audit.checkpoint_due(NOW)
    done = put_away()
    assert (done.stored, done.failed) == ((), ())
    assert audit.verify_trail(practice).ok

"""`verify_audit` and `checkpoint_audit`: what they say and what they leave in the trail."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from apps.foundation.tenancy.services import register_practice, scope
from apps.foundation.tenancy.types import PLATFORM_ID, Actor
from apps.monitoring import tasks
from tests import product_role

BY = Actor.system("test")


@pytest.fixture
def practice(db, settings, tmp_path):
    settings.AUDIT_CHECKPOINT_DIR = str(tmp_path / "elsewhere")
    audit.record_event("test.platform", by=BY)
    practice_id = register_practice(name="One", time_zone="America/Chicago")
    with scope(practice_id):
        for _ in range(3):
            audit.record_event("test.event", by=BY)
    return practice_id


def run(*words):
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_every_chain_is_verified_and_says_so(practice):
    said = run("verify_audit")
    assert f"{practice}: OK, 3 rows, 0 checkpoints" in said
    assert "platform: OK, 1 rows" in said
    for chain in (practice, PLATFORM_ID):
        row = AuditLog.objects.get(practice_id=chain, action="audit.verify")
        assert open_detail(row)["ok"] is True


def test_one_chain(practice):
    assert run("verify_audit", "--practice", str(practice)).count("\n") == 1
    assert not AuditLog.objects.filter(practice_id=PLATFORM_ID, action="audit.verify").exists()


def test_a_broken_chain_ends_with_an_error_and_stays_in_the_trail(practice):
    with product_role.behind_the_triggers():
        AuditLog.objects.filter(practice_id=practice, sequence=2).update(ip="10.9.9.9")
    with pytest.raises(CommandError, match="1 of 2 chains are broken"):
        run("verify_audit")
    assert open_detail(AuditLog.objects.get(practice_id=practice, action="audit.verify"))["first_bad"] == 2


def test_a_checkpoint_is_put_away_and_its_key_printed(practice, settings):
    said = run("checkpoint_audit")
    assert f"public key {audit.public_keys()[0]}" in said
    assert "2 chains, stored in the folder" in said
    assert "1 checkpoints" in run("verify_audit")
    assert run("checkpoint_audit", "--keys").count("\n") == 1
    settings.AUDIT_CHECKPOINT_DIR = ""
    with pytest.raises(CommandError, match="no second place"):
        run("checkpoint_audit")


def test_the_sweep_puts_one_a_day_away(practice, tmp_path):
    tasks.checkpoint_trail.run()
    tasks.checkpoint_trail.run()
    assert len(list((tmp_path / "elsewhere").iterdir())) == 1
    assert AuditLog.objects.filter(practice_id=practice, action="audit.checkpoint").count() == 1

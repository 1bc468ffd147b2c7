"""Exchanging keys from end to end: data, index and root key; what the trail says, and what the commands say."""

import base64
import os
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from apps.core.patients.models import Patient
from apps.core.patients.selectors import patient_page
from apps.core.patients.types import PatientFilters
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import verify_chain
from apps.foundation.encryption import keyring, rotation
from apps.foundation.encryption.models import DataKey, KeyRotation
from apps.foundation.encryption.selectors import list_roots
from apps.foundation.encryption.services import refusal_to_start
from apps.foundation.encryption.types import KeyState, KeyUnavailable, Purpose, RotationStage, RotationStuck
from apps.foundation.tenancy.services import platform_scope
from apps.foundation.tenancy.types import PLATFORM_ID, Actor
from apps.monitoring.services.keys import is_unfinished, rotate_keys, rotate_root
from tests.cast import Cast
from tests.factories.patients import enrol_patient, give_device

BY = Actor.system("rotate-keys")


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "FORGOTTEN_AFTER", timedelta(0))
    monkeypatch.setattr(rotation, "_BETWEEN_WALKS", 0.0)


def new_root() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def said(practice_id: UUID, action: str) -> list[dict[str, Any]]:
    rows = AuditLog.objects.filter(practice_id=practice_id, action=action).order_by("sequence")
    return [row.opened_detail() for row in rows]


def found(cast: Cast, query: str) -> int:
    with cast.highland.scope():
        return patient_page(filters=PatientFilters(query=query), by=cast.highland.actor("nurse")).total


def live(practice_id: UUID, purpose: Purpose) -> list[int]:
    keys = DataKey.objects.filter(practice_id=practice_id, purpose=purpose).exclude(state=KeyState.DESTROYED)
    return list(keys.values_list("key_number", flat=True))


def test_both_keys_are_exchanged_and_everybody_is_found_as_before(cast: Cast) -> None:
    for number in range(5):
        give_device(cast.highland, enrol_patient(cast.highland, last_name=f"Quill{chr(97 + number)}"))
    assert found(cast, "quill") == 5
    gone = rotate_keys(cast.highland.id, by=BY)
    assert gone == {Purpose.DATA: (1,), Purpose.INDEX: (1,)}
    keyring.forget_keys()
    assert found(cast, "quill") == 5
    assert found(cast, "quillc") == 1
    assert live(cast.highland.id, Purpose.DATA) == live(cast.highland.id, Purpose.INDEX) == [2]
    assert live(cast.lakeside.id, Purpose.DATA) == [1]
    assert not is_unfinished(cast.highland.id, Purpose.DATA)


def test_the_trail_has_start_end_and_retirement_and_no_row_per_row(cast: Cast) -> None:
    for _ in range(3):
        enrol_patient(cast.highland)
    before = AuditLog.objects.filter(practice_id=cast.highland.id).count()
    rotate_keys(cast.highland.id, by=BY)
    assert [(row["purpose"], row["key_number"]) for row in said(cast.highland.id, "key.rotation_start")] == [
        ("data", 2), ("index", 2),
    ]  # fmt: skip
    assert [row["retired"] for row in said(cast.highland.id, "key.retire")] == [[1]]
    assert len(said(cast.highland.id, "practice.index_key_retire")) == 1
    assert [row["retired"] for row in said(cast.highland.id, "key.rotation_end")] == [[1], [1]]
    after = AuditLog.objects.filter(practice_id=cast.highland.id).count()
    assert after - before == 7, "start, retire, end of each key, and one batch of the index"
    assert verify_chain(cast.highland.id).ok


def test_the_platform_has_its_data_key_exchanged_alone(cast: Cast) -> None:
    assert rotate_keys(PLATFORM_ID, by=BY).keys() == {Purpose.DATA}
    assert len(said(PLATFORM_ID, "key.rotation_start")) == 1


def test_only_what_was_begun_is_finished_when_nothing_else_is_asked(cast: Cast) -> None:
    assert rotate_keys(cast.highland.id, by=BY, begin=False) == {}
    with cast.highland.scope():
        rotation.begin(cast.highland.id, Purpose.DATA)
    assert rotate_keys(cast.highland.id, by=BY, begin=False) == {Purpose.DATA: (1,), Purpose.INDEX: (1,)}
    assert [row["purpose"] for row in said(cast.highland.id, "key.rotation_start")] == ["index"]


def test_a_row_that_cannot_be_indexed_anew_keeps_the_old_index_key(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    enrol_patient(cast.highland)
    monkeypatch.setattr("apps.monitoring.services.keys.reindex_due", lambda: 0)
    with pytest.raises(RotationStuck):
        rotate_keys(cast.highland.id, by=BY)
    assert live(cast.highland.id, Purpose.INDEX) == [1, 2]
    monkeypatch.undo()
    assert rotate_keys(cast.highland.id, by=BY, begin=False)[Purpose.INDEX] == (1,)


# the root key


def test_the_root_key_is_exchanged_and_the_old_one_can_be_dropped(cast: Cast, settings: Any) -> None:
    enrol_patient(cast.highland, last_name="Quill")
    old, new = settings.FIELD_ENCRYPTION_KEY[0], new_root()
    tokens = list(Patient._base_manager.values_list("last_name", flat=True))
    total = DataKey.objects.count()
    settings.FIELD_ENCRYPTION_KEY = [new, old]
    assert rotate_root(by=BY) == total
    assert rotate_root(by=BY) == 0
    settings.FIELD_ENCRYPTION_KEY = [new]
    keyring.forget_keys()
    assert refusal_to_start() == ""
    assert found(cast, "quill") == 1
    assert list(Patient._base_manager.values_list("last_name", flat=True)) == tokens, "no row is written"
    (root,) = list_roots()
    assert (root.in_force, root.wraps) == (True, total)
    assert root.first_seen_at is not None
    assert [row["keys"] for row in said(PLATFORM_ID, "key.root_rotate")] == [total]
    settings.FIELD_ENCRYPTION_KEY = [old]
    keyring.forget_keys()
    with pytest.raises(KeyUnavailable):
        found(cast, "quill")


def test_without_the_old_root_nothing_is_wrapped(cast: Cast, settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEY = [new_root()]
    with pytest.raises(CommandError, match="not in FIELD_ENCRYPTION_KEY"):
        call_command("rotate_root")
    assert said(PLATFORM_ID, "key.root_rotate") == []


# what stops a start


def test_every_key_opens(cast: Cast) -> None:
    assert refusal_to_start() == ""
    call_command("check_keys", stdout=StringIO())


def test_a_wrong_root_stops_the_start_with_one_line_without_key_material(cast: Cast, settings: Any) -> None:
    wrong = new_root()
    settings.FIELD_ENCRYPTION_KEY = [wrong]
    line = refusal_to_start()
    assert line.startswith("Vantrexia refuses to start: 12 of 12 keys")
    assert "\n" not in line
    assert wrong not in line
    with pytest.raises(CommandError, match="12 of 12"):
        call_command("check_keys")
    with pytest.raises(CommandError, match="12 of 12"):
        call_command("run_worker")


def test_one_practices_keys_are_enough_to_stop_it(cast: Cast, settings: Any) -> None:
    old = settings.FIELD_ENCRYPTION_KEY[0]
    settings.FIELD_ENCRYPTION_KEY = [new_root(), old]
    for row in DataKey.objects.filter(practice_id=cast.lakeside.id):
        wrapped, fingerprint = keyring.wrap(keyring.unwrap(row), row.practice_id, row.purpose, row.key_number)
        DataKey.objects.filter(id=row.id).update(wrapped=wrapped, root_fingerprint=fingerprint)
    settings.FIELD_ENCRYPTION_KEY = [old]
    line = refusal_to_start()
    assert "4 of 12" in line
    assert str(cast.lakeside.id) in line
    assert str(cast.highland.id) not in line
    assert "platform" not in line


def test_a_key_that_is_not_the_one_that_was_made_does_not_sing(cast: Cast) -> None:
    """Another practice's key put in its place by somebody who can wrap: it opens, and the canary does not."""
    of_data = DataKey.objects.filter(purpose=Purpose.DATA)
    one, two = of_data.get(practice_id=cast.highland.id), of_data.get(practice_id=cast.lakeside.id)
    wrapped, _ = keyring.wrap(keyring.unwrap(two), one.practice_id, one.purpose, one.key_number)
    DataKey.objects.filter(id=one.id).update(wrapped=wrapped)
    assert "1 of 12" in refusal_to_start()


def test_a_destroyed_key_stops_nobody(cast: Cast) -> None:
    rotate_keys(cast.highland.id, by=BY)
    assert refusal_to_start() == ""


def test_keys_from_before_the_canaries_get_one(cast: Cast) -> None:
    DataKey.objects.update(canary="")
    assert refusal_to_start() == ""
    keyring.plant_canaries()
    assert not DataKey.objects.filter(canary="").exists()
    assert refusal_to_start() == ""


# the commands


def test_the_command_says_how_far_it_is(cast: Cast) -> None:
    for _ in range(3):
        enrol_patient(cast.highland)
    out = StringIO()
    call_command("rotate_keys", practice=str(cast.highland.id), rate=0, stdout=out)
    text = out.getvalue()
    assert "data key 2, walk 1" in text
    assert f"{cast.highland.id}: data key exchanged; destroyed: 1" in text
    assert f"{cast.highland.id}: index key exchanged; destroyed: 1" in text


def test_the_customers_command_exchanges_everything(cast: Cast, settings: Any) -> None:
    enrol_patient(cast.highland, last_name="Quill")
    old, new = settings.FIELD_ENCRYPTION_KEY[0], new_root()
    settings.FIELD_ENCRYPTION_KEY = [new, old]
    call_command("reencrypt_phi", stdout=StringIO())
    settings.FIELD_ENCRYPTION_KEY = [new]
    keyring.forget_keys()
    assert found(cast, "quill") == 1
    for practice_id in (cast.highland.id, cast.lakeside.id, PLATFORM_ID):
        assert live(practice_id, Purpose.DATA) == [2]
    assert refusal_to_start() == ""


@pytest.mark.parametrize("options", [{}, {"practice": "nobody"}])
def test_the_command_wants_to_know_whose_keys(cast: Cast, options: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        call_command("rotate_keys", **options)
    assert not KeyRotation.objects.exists()


def test_a_key_that_had_to_be_kept_is_a_failure(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    enrol_patient(cast.highland)
    monkeypatch.setattr("apps.monitoring.services.keys.reindex_due", lambda: 0)
    err = StringIO()
    with pytest.raises(CommandError, match=str(cast.highland.id)):
        call_command("rotate_keys", practice=str(cast.highland.id), stdout=StringIO(), stderr=err)
    assert "1 rows stand under an older index key" in err.getvalue()
    assert KeyRotation.objects.get(purpose=Purpose.INDEX).stage == RotationStage.WALKING
    with platform_scope():
        assert Patient.objects.count() == 1

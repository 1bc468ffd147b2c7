"""Exchanging a data key: every sealed column of every table, killed anywhere, beside people who go on working."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps as django_apps
from django.db import connection
from django.utils import timezone

from apps.core.patients.models import Patient
from apps.core.patients.services import change_patient, register_patient
from apps.foundation.audit import services as audit
from apps.foundation.encryption import cipher, keyring, rotation
from apps.foundation.encryption.catalogue import sealed_tables
from apps.foundation.encryption.fields import Sealed, SealedField
from apps.foundation.encryption.models import DataKey, KeyRotation, RotationTable
from apps.foundation.encryption.services import begin_rotation, reseal_rows, retire_data_keys
from apps.foundation.encryption.types import (
    KeyState,
    KeyUnavailable,
    Purpose,
    RotationProgress,
    RotationStage,
    RotationStuck,
    RotationTaken,
)
from apps.foundation.tenancy.services import platform_scope, register_practice, scope
from apps.foundation.tenancy.types import PLATFORM_ID, Actor
from apps.ingestion.models import Transmission

BY = Actor.system("test")


class Killed(Exception):
    """Stands for the end of the process."""


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "FORGOTTEN_AFTER", timedelta(0))
    monkeypatch.setattr(rotation, "_BETWEEN_WALKS", 0.0)
    monkeypatch.setattr(rotation, "AT_ONCE", 4)


@pytest.fixture
def practice(db: None) -> UUID:
    return register_practice(name="One", time_zone="America/Chicago")


def people(practice_id: UUID, count: int) -> list[UUID]:
    with scope(practice_id):
        return [
            register_patient(
                first_name="Ann", last_name=f"Doe{number}", date_of_birth=date(1965, 3, 12), gender="female",
                mrn=f"A-{number}", by=BY,
            )
            for number in range(count)
        ]  # fmt: skip


def numbers_of(model: Any, practice_id: UUID | None = None) -> set[int]:
    """The keys under which this table's tokens stand."""
    columns = [field.attname for field in model._meta.concrete_fields if isinstance(field, SealedField)]
    rows = model._base_manager.all() if practice_id is None else model._base_manager.filter(practice_id=practice_id)
    return {
        cipher.number_of(sealed.token) for row in rows.values_list(*columns) for sealed in row if sealed is not None
    }


def reseal(practice_id: UUID, listener: Any = None) -> None:
    with platform_scope() if practice_id == PLATFORM_ID else scope(practice_id):
        reseal_rows(practice_id, listener=listener)


def overwrite(row_id: UUID, column: str, token: str) -> None:
    with connection.cursor() as cursor:
        key = Patient._meta.pk.get_db_prep_value(row_id, connection)
        cursor.execute(f"UPDATE patients_patient SET {column} = %s WHERE id = %s", [token, key])


def states(practice_id: UUID) -> dict[int, str]:
    keys = DataKey.objects.filter(practice_id=practice_id, purpose=Purpose.DATA)
    return dict(keys.values_list("key_number", "state"))


def test_a_key_is_made_then_used_then_only_opens_then_is_gone(practice: UUID) -> None:
    ids = people(practice, 9)
    assert begin_rotation(practice, Purpose.DATA) == (2, True)
    assert states(practice) == {1: KeyState.PRIMARY, 2: KeyState.PENDING}
    assert keyring.keys_of(practice, Purpose.DATA).primary == 1
    reseal(practice)
    assert states(practice) == {1: KeyState.DECRYPT_ONLY, 2: KeyState.PRIMARY}
    assert numbers_of(Patient, practice) == {2}
    assert retire_data_keys(practice) == (1,)
    assert states(practice) == {1: KeyState.DESTROYED, 2: KeyState.PRIMARY}
    gone = DataKey.objects.get(practice_id=practice, purpose=Purpose.DATA, key_number=1)
    assert (gone.wrapped, gone.canary) == ("", "")
    keyring.forget_keys()
    with scope(practice):
        assert sorted(row.last_name for row in Patient.objects.filter(id__in=ids)) == [f"Doe{n}" for n in range(9)]
    assert retire_data_keys(practice) == ()
    assert begin_rotation(practice, Purpose.DATA) == (3, True)


def test_nothing_but_the_tokens_changes(practice: UUID) -> None:
    people(practice, 3)
    plain = [field.attname for field in Patient._meta.concrete_fields if not isinstance(field, SealedField)]
    before = list(Patient._base_manager.order_by("id").values_list(*plain))
    begin_rotation(practice, Purpose.DATA)
    reseal(practice)
    assert list(Patient._base_manager.order_by("id").values_list(*plain)) == before


def test_every_table_with_a_sealed_column_is_walked_by_somebody(practice: UUID) -> None:
    """The platform's own rows under the platform's key, all others under their practice's."""
    sealed = {
        model._meta.label
        for model in django_apps.get_models()
        if any(isinstance(field, SealedField) for field in model._meta.concrete_fields)
    }
    of_practice = {table.label for table in sealed_tables(practice)}
    of_platform = {table.label for table in sealed_tables(PLATFORM_ID)}
    assert of_practice | of_platform == sealed
    assert not of_practice & of_platform
    assert {"ingestion.Transmission", "ingestion.UnclaimedReading", "authentication.TotpDevice"} <= of_platform
    assert {"patients.Patient", "triage.Alert", "ingestion.QuarantinedReading"} <= of_practice


def test_the_platforms_rows_follow_its_key(db: None) -> None:
    Transmission(vendor="mio", event_id="e-1", body="a body").save()
    old = keyring.keys_of(PLATFORM_ID, Purpose.DATA).primary
    begin_rotation(PLATFORM_ID, Purpose.DATA)
    reseal(PLATFORM_ID)
    assert retire_data_keys(PLATFORM_ID) == (old,)
    assert numbers_of(Transmission) == {old + 1}
    assert Transmission.objects.get().body == "a body"


def test_another_practice_keeps_its_key(practice: UUID) -> None:
    other = register_practice(name="Two", time_zone="UTC")
    people(other, 2)
    begin_rotation(practice, Purpose.DATA)
    reseal(practice)
    assert numbers_of(Patient, other) == {1}


@pytest.mark.parametrize("at", range(12))
def test_killed_anywhere_it_goes_on_where_it_stopped(practice: UUID, at: int) -> None:
    people(practice, 9)
    begin_rotation(practice, Purpose.DATA)
    calls = 0

    def die(progress: RotationProgress) -> None:
        nonlocal calls
        calls += 1
        if calls > at:
            raise Killed

    with pytest.raises(Killed):
        reseal(practice, die)
    KeyRotation.objects.update(lease_owner=uuid4(), lease_until=timezone.now() - timedelta(seconds=1))
    moved = RotationTable.objects.filter(label="patients.Patient").values_list("moved", flat=True).first() or 0
    keyring.forget_keys()
    reseal(practice)
    assert numbers_of(Patient, practice) == {2}
    assert RotationTable.objects.get(label="patients.Patient").resealed == 9
    assert moved <= 9
    assert retire_data_keys(practice) == (1,)


def test_a_row_edited_meanwhile_is_left_and_found_again(practice: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    """The edit wins, whoever is first; the row is sealed anew by the next walk."""
    first, *_ = people(practice, 3)
    begin_rotation(practice, Purpose.DATA)
    whole = rotation.Exchange._move
    edits = iter(["Zoe"])

    def edited_first(self: Any, table: Any, stale: Any) -> int:
        if table.label == "patients.Patient":
            for name in edits:
                with scope(practice):
                    row = Patient.objects.get(id=first)
                    field = Patient._meta.get_field("first_name")
                    with monkeypatch.context() as patch:  # another process, which does not know of the new key yet
                        old = keyring.KeySet(1, {1: b""}, {1: keyring.aead_for(practice, Purpose.DATA, 1)})
                        patch.setattr("apps.foundation.encryption.fields.keys_of", lambda *_, old=old: old)
                        token = field.seal_at(name.encode(), practice, row.id).token
                overwrite(first, "first_name", token)
        return whole(self, table, stale)

    monkeypatch.setattr(rotation.Exchange, "_move", edited_first)
    reseal(practice)
    with scope(practice):
        assert Patient.objects.get(id=first).first_name == "Zoe"
    assert numbers_of(Patient, practice) == {2}
    assert KeyRotation.objects.get().walks == 4


def test_a_row_read_before_and_saved_after_brings_no_old_key_back(practice: UUID) -> None:
    row_id, *_ = people(practice, 1)
    with scope(practice):
        early = Patient.objects.get(id=row_id)
        assert early.last_name == "Doe0"
        begin_rotation(practice, Purpose.DATA)
        reseal(practice)
        retire = retire_data_keys
        early.risk_score = 7
        with audit.change("patient.change", by=BY):
            early.save()
        assert numbers_of(Patient, practice) == {2}
        assert retire(practice) == (1,)
        keyring.forget_keys()
        again = Patient.objects.get(id=row_id)
        assert (again.first_name, again.last_name, again.risk_score) == ("Ann", "Doe0", 7)


def test_people_go_on_working_between_the_batches(practice: UUID) -> None:
    first, *_ = ids = people(practice, 9)
    begin_rotation(practice, Purpose.DATA)
    seen: list[str] = []

    def work(progress: RotationProgress) -> None:
        with scope(practice):
            change_patient(patient_id=first, changes={"first_name": f"Ann{len(seen)}"}, by=BY)
            seen.append(Patient.objects.get(id=first).first_name)
            assert all(row.last_name.startswith("Doe") for row in Patient.objects.filter(id__in=ids))

    reseal(practice, work)
    assert seen == [f"Ann{number}" for number in range(len(seen))]
    assert len(seen) > 9


def test_a_key_with_tokens_left_is_never_retired(practice: UUID) -> None:
    one, two = people(practice, 2)
    with scope(practice):
        moved = Patient.objects.filter(id=two).values_list("last_name", flat=True).get()
    assert isinstance(moved, Sealed)
    overwrite(one, "first_name", moved.token)
    begin_rotation(practice, Purpose.DATA)
    with pytest.raises(RotationStuck):
        retire_data_keys(practice)
    with pytest.raises(RotationStuck) as caught:
        reseal(practice)
    assert "1 rows" in str(caught.value)
    assert states(practice)[1] == KeyState.DECRYPT_ONLY
    with pytest.raises(RotationStuck):
        retire_data_keys(practice)
    with pytest.raises(KeyUnavailable):
        keyring.retire_key(practice, Purpose.DATA, 2)


def test_what_is_no_token_is_counted_and_holds_nobody_up(practice: UUID) -> None:
    one, _ = people(practice, 2)
    overwrite(one, "first_name", "Ann in clear")
    begin_rotation(practice, Purpose.DATA)
    reseal(practice)
    assert RotationTable.objects.get(label="patients.Patient").broken == 1
    assert retire_data_keys(practice) == (1,)


def test_the_second_walk_waits_until_no_process_remembers(practice: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "FORGOTTEN_AFTER", timedelta(seconds=66))
    people(practice, 1)
    begun, _ = rotation.begin(practice, Purpose.DATA)
    now = timezone.now()
    slept = 0.0

    def sleep(seconds: float) -> None:
        nonlocal slept, now
        slept += seconds
        now += timedelta(seconds=seconds)

    with scope(practice):
        rotation.Exchange(begun, sleep=sleep, now=lambda: now).reseal()
    assert 65 < slept < 67
    assert rotation.FORGOTTEN_AFTER.total_seconds() > keyring.REMEMBERED_SECONDS


def test_the_rate_is_kept(practice: UUID) -> None:
    people(practice, 8)
    begun, _ = rotation.begin(practice, Purpose.DATA)
    slept: list[float] = []
    with scope(practice):
        rotation.Exchange(begun, rows_per_second=4, sleep=slept.append).reseal()
    assert 1.5 < sum(slept) < 2.5


def test_two_processes_never_exchange_one_key_at_once(practice: UUID) -> None:
    begun, _ = rotation.begin(practice, Purpose.DATA)
    KeyRotation.objects.update(lease_owner=uuid4(), lease_until=timezone.now() + timedelta(hours=1))
    now = timezone.now()

    def sleep(seconds: float) -> None:
        nonlocal now
        now += timedelta(seconds=seconds)

    with scope(practice), pytest.raises(RotationTaken):
        rotation.Exchange(begun, sleep=sleep, now=lambda: now).reseal()
    assert begin_rotation(practice, Purpose.DATA) == (2, False)


@contextmanager
def as_another_process(keys: dict[Any, Any]) -> Iterator[None]:
    now = dict(keyring._cache)
    keyring._cache.clear()
    keyring._cache.update(keys)
    yield
    keyring._cache.clear()
    keyring._cache.update(now)


def test_a_process_that_missed_the_new_key_reads_what_stands_under_it(practice: UUID) -> None:
    row_id, *_ = people(practice, 1)
    behind = dict(keyring._cache)
    begin_rotation(practice, Purpose.DATA)
    reseal(practice)
    with as_another_process(behind), scope(practice):
        assert keyring.keys_of(practice, Purpose.DATA).primary == 1
        assert Patient.objects.get(id=row_id).last_name == "Doe0"


def test_progress_is_told_by_table(practice: UUID) -> None:
    people(practice, 9)
    begin_rotation(practice, Purpose.DATA)
    told: list[RotationProgress] = []
    reseal(practice, told.append)
    assert told[0].stage is RotationStage.WALKING
    assert told[-1].total == told[-1].seen
    assert told[-1].resealed >= 9
    patients = [table.seen for one in told for table in one.tables if table.label == "patients.Patient"]
    assert {4, 8, 9} <= set(patients)

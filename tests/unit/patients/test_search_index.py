"""The index itself: what it holds, how it follows changes of mode and key, and what a false hit does."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from apps.core.patients import selectors, services
from apps.core.patients.models import ExternalIdentifier, Patient, SearchToken
from apps.core.patients.rules.search import RECIPES, SearchKey
from apps.core.patients.selectors import lookup, search
from apps.core.patients.selectors.index import partition_of, token_tags
from apps.core.patients.types import IdentifierInput, MrnTaken, PatientFilters, PatientStatus
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.encryption import keyring
from apps.foundation.encryption.services import add_index_key, index_keys, retire_index_key
from apps.foundation.encryption.types import KeyUnavailable
from apps.foundation.tenancy.services import register_practice, scope
from apps.foundation.tenancy.types import Actor
from apps.settings.services import change_preferences
from apps.settings.types import PracticePreferences, SearchMode


def register(by: Actor, last: str, first: str = "Jane", **values: object) -> UUID:
    return services.register_patient(first_name=first, last_name=last, date_of_birth=date(1950, 1, 1), by=by, **values)


def page(query: str, by: Actor, **asked: object) -> list[str]:
    shown = selectors.patient_page(filters=PatientFilters(query=query, **asked), by=by)
    assert shown.total == len(shown.rows)
    return [row.display_name.split(",")[0] for row in shown.rows]


def choose(mode: SearchMode, by: Actor) -> None:
    change_preferences(preferences=PracticePreferences(search_mode=mode), by=by)


def kinds_of(patient_id: UUID) -> set[str]:
    return set(SearchToken.objects.filter(patient_id=patient_id).values_list("kind", flat=True))


def test_a_row_holds_the_tags_of_what_it_says_now_and_no_others(in_practice: UUID, system: Actor) -> None:
    patient_id = register(system, "Doe")
    before = set(SearchToken.objects.values_list("kind", "tag"))
    services.change_patient(patient_id=patient_id, changes={"last_name": "Nightingale"}, by=system)
    after = set(SearchToken.objects.values_list("kind", "tag"))
    partition = partition_of(patient_id)
    for kind in ("word", "name"):
        assert (kind, token_tags(in_practice, SearchKey(kind, "doe"), partition)[0]) in before - after
    assert ("word", token_tags(in_practice, SearchKey("word", "nightingale"), partition)[0]) in after - before
    services.change_patient(patient_id=patient_id, changes={"last_name": "Doe"}, by=system)
    assert set(SearchToken.objects.values_list("kind", "tag")) == before


def test_equal_names_of_patients_in_other_partitions_have_other_tags(in_practice: UUID) -> None:
    key = SearchKey("word", "smith")
    assert len({token_tags(in_practice, key, partition)[0] for partition in range(8)}) == 8
    assert all(token_tags(in_practice, key, partition)[0] < 2**32 for partition in range(8))
    phone = SearchKey("phone", "5550101234")
    assert token_tags(in_practice, phone, 1) == token_tags(in_practice, phone, 2)


def test_whole_words_come_before_beginnings(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    for last in ("Annandale", "Ann", "Anna"):
        register(system, last, "Zoe")
    register(system, "Zimmer", "Ann")
    assert page("ann", nurse)[:2] == ["ANN", "ZIMMER"]
    assert page("ann", nurse, ordering="-last_name") == ["ZIMMER", "ANNANDALE", "ANNA", "ANN"]
    assert page("zoe ann", nurse)[0] == "ANN"


def test_whole_words_come_first_among_any_number(
    in_practice: UUID, system: Actor, nurse: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With more hits than are named one by one, the database ranks them, by the index."""
    monkeypatch.setattr(lookup, "FEW", 2)
    monkeypatch.setattr(search, "FEW", 2)
    for last in ("Smithers", "Smithson", "Smithfield", "Smithee"):
        register(system, last)
    register(system, "Smith")
    register(system, "Roe", "Smith")
    assert page("smith", nurse)[:2] == ["SMITH", "ROE"]
    assert set(page("jane smith", nurse)) == {"SMITH", "SMITHERS", "SMITHSON", "SMITHFIELD", "SMITHEE"}
    assert page("jane smith", nurse)[0] == "SMITH"
    assert page("smith jane smithers", nurse) == ["SMITHERS"]
    assert page("smithfiel", nurse) == ["SMITHFIELD"]
    found = selectors.search_patients(filters=PatientFilters(query="smith"), by=nurse)
    assert found.count() == 6


def test_a_false_hit_is_neither_shown_nor_counted(
    in_practice: UUID, system: Actor, nurse: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two names with one tag, as chance makes them once in thousands of searches."""
    register(system, "Doe")
    wrong = register(system, "Nightingale", "Florence")
    row = Patient.objects.get(id=wrong)
    with audit.batch("test", by=system):
        SearchToken.objects.bulk_create(
            SearchToken(kind="name", tag=token_tags(in_practice, SearchKey("name", "doe"), partition)[0], patient=row)
            for partition in range(8)
        )
    for few in (100, 0):
        monkeypatch.setattr(lookup, "FEW", few)
        monkeypatch.setattr(search, "FEW", few)
        assert page("doe", nurse) == ["DOE"]
    recorded = AuditLog.objects.filter(action="patient.list", subject_id=wrong)
    assert not recorded.exists()


def test_search_asks_for_names_and_the_mrn_alone(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    register(system, "Doe", phone="555 010 1234", email="jane@example.org", mrn="A-77")
    register(system, "Roe")

    def found(**asked: str) -> int:
        return selectors.patient_page(filters=PatientFilters(**asked), by=nurse).total

    assert found(search="doe") == found(search="a77") == found(search="jane a-77") == 1
    assert found(search="5550101234") == found(search="jane@example.org") == 0
    assert found(query="jane", search="roe") == 1
    assert found(query="5550101234", search="doe") == 1
    assert found(query="5550101234", search="roe") == 0


@pytest.mark.parametrize(("mode", "kinds"), [
    (SearchMode.PREFIX, {"word", "name", "mrn", "phone", "email", "identifier", "born"}),
    (SearchMode.EXACT, {"word", "mrn", "phone", "email", "identifier", "born"}),
    (SearchMode.SCAN, set()),
])  # fmt: skip
def test_each_mode_keeps_its_kinds_of_tags(in_practice: UUID, system: Actor, mode: SearchMode, kinds: set[str]) -> None:
    choose(mode, system)
    patient_id = register(
        system, "Doe", phone="5550101234", email="j@example.org", identifiers=[IdentifierInput("epic", "E-1")]
    )
    assert kinds_of(patient_id) == kinds
    assert Patient.objects.get(id=patient_id).index_recipe == RECIPES[mode]


def test_the_sweep_brings_old_rows_after_and_then_rests(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    patient_id = register(system, "Doe")
    with audit.batch("test", by=system):
        SearchToken.objects.all().delete()
        Patient.objects.update(index_recipe=None, index_key=None)
    assert page("doe", nurse) == ["DOE"]
    rows = AuditLog.objects.filter(action="patient.reindex")
    assert services.reindex_due() == 1
    assert rows.count() == 1
    assert rows.get().actor_role == "index-sweep"
    assert services.reindex_due() == 0
    assert rows.count() == 1
    assert "name" in kinds_of(patient_id)
    choose(SearchMode.EXACT, system)
    assert page("doe", nurse) == ["DOE"]
    assert page("jan", nurse) == []
    assert services.reindex_due() == 1
    assert "name" not in kinds_of(patient_id)


def test_a_row_that_does_not_open_holds_up_nobody(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    register(system, "Doe")
    broken = register(system, "Roe")
    with audit.batch("test", by=system):
        Patient.objects.update(index_recipe=None)
    with connection.cursor() as cursor:
        key = Patient._meta.pk.get_db_prep_value(broken, connection)
        cursor.execute("UPDATE patients_patient SET last_name = %s WHERE id = %s", ["vx1.AAAA", key])
    assert page("doe", nurse) == ["DOE"]
    services.reindex_due()
    assert list(Patient.objects.filter(index_recipe__isnull=True).values_list("id", flat=True)) == [broken]
    assert page("doe", nurse) == ["DOE"]


def test_an_mrn_is_given_once_and_found_under_either_key(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    old = register(system, "Doe", mrn="A-1", identifiers=[IdentifierInput("epic", "E-1")])
    number = add_index_key(in_practice)
    assert index_keys(in_practice) == (number, number - 1)
    with pytest.raises(MrnTaken):
        register(system, "Roe", mrn="a1")
    new = register(system, "Roe", mrn="A-2")
    assert Patient.objects.get(id=new).index_key == number
    assert services.change_patient(patient_id=new, changes={"mrn": "A-3"}, by=system)
    with pytest.raises(MrnTaken):
        services.change_patient(patient_id=new, changes={"mrn": "A-1"}, by=system)
    for mrn, patient_id in (("A-1", old), ("A-3", new)):
        assert selectors.patient_by_mrn(mrn, by=nurse) == patient_id
    assert services.retire_index_keys(by=system) == ()
    tag = ExternalIdentifier.objects.get().tag
    services.reindex_due()
    assert ExternalIdentifier.objects.get().tag != tag
    assert services.retire_index_keys(by=system) == (number - 1,)
    assert index_keys(in_practice) == (number,)
    assert selectors.patient_by_mrn("A-1", by=nurse) == old
    assert selectors.patient_by_external_id("epic", "E-1", by=nurse) == old
    assert page("doe", nurse) == ["DOE"]
    with pytest.raises(MrnTaken):
        register(system, "Poe", mrn="A-1")


def test_a_process_that_missed_the_new_key_finds_and_writes_right(
    in_practice: UUID, system: Actor, nurse: Actor
) -> None:
    patient_id = register(system, "Doe", mrn="A-1", identifiers=[IdentifierInput("epic", "E-1")])
    behind = dict(keyring._cache)
    number = add_index_key(in_practice)
    services.reindex_due()

    def as_it_was() -> None:
        keyring._cache.clear()
        keyring._cache.update(behind)

    as_it_was()
    assert page("doe", nurse) == ["DOE"]
    as_it_was()
    assert selectors.patient_by_mrn("A-1", by=nurse) == patient_id
    as_it_was()
    assert selectors.patient_by_external_id("epic", "E-1", by=nurse) == patient_id
    as_it_was()
    with pytest.raises(MrnTaken):
        register(system, "Roe", mrn="A-1")
    as_it_was()
    assert Patient.objects.get(id=register(system, "Roe")).index_key == number


def test_keys_are_read_again_after_a_minute(in_practice: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    assert index_keys(in_practice) == (1,)
    behind = dict(keyring._cache)
    add_index_key(in_practice)
    keyring._cache.update(behind)
    assert index_keys(in_practice) == (1,)
    monkeypatch.setattr(keyring, "REMEMBERED_SECONDS", -1.0)
    assert index_keys(in_practice) == (2, 1)


def test_the_primary_key_cannot_be_retired(in_practice: UUID) -> None:
    with pytest.raises(KeyUnavailable):
        retire_index_key(in_practice, 1)
    add_index_key(in_practice)
    retire_index_key(in_practice, 1)
    assert index_keys(in_practice) == (2,)


class KeysOfEachThread:
    """The keys in memory, as if every thread were a process of its own."""

    def __init__(self) -> None:
        self._own = threading.local()

    def __getattr__(self, name: str) -> Any:
        if not hasattr(self._own, "keys"):
            self._own.keys = {}
        return getattr(self._own.keys, name)

    def __setitem__(self, name: tuple[UUID, str], keys: keyring.KeySet) -> None:
        self.update({name: keys})


@pytest.mark.django_db(transaction=True)
def test_one_mrn_is_one_persons_while_the_key_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight processes at once enter the same numbers, each with the keys it knows, while the practice gets new ones."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time, and its test database lives in one thread")
    monkeypatch.setattr(keyring, "_cache", KeysOfEachThread())
    practice_id = register_practice(name="Harbor", time_zone="UTC")
    by = Actor.system("test")

    everybody = threading.Barrier(8)

    def act(person: int) -> None:
        try:
            for number in range(12):
                index_keys(practice_id)
                everybody.wait(timeout=60)
                if person == 0 and number % 4 == 1:
                    add_index_key(practice_id)
                    services.reindex_due()
                with scope(practice_id), suppress(MrnTaken):
                    register(by, "Doe", mrn=f"A-{number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(8)))
    keyring.forget_keys()
    with scope(practice_id):
        assert sorted(patient.mrn for patient in Patient.objects.all()) == sorted(f"A-{number}" for number in range(12))
        assert len(index_keys(practice_id)) == 4
        services.reindex_due()
        assert len(services.retire_index_keys(by=by)) == 3
        for number in range(12):
            assert selectors.patient_page(filters=PatientFilters(query=f"a-{number}"), by=by).total == 1


def test_a_row_by_its_id_is_the_one_that_django_finds(in_practice: UUID, system: Actor) -> None:
    row_id = register(system, "Doe")
    (row,) = lookup.rows_by_id([row_id], status=None)
    expected = Patient.objects.get(id=row_id)
    assert not row._state.adding
    told = [{**found.__dict__, "_loaded": {**found.__dict__["_loaded"], "_state": None}} for found in (row, expected)]
    assert {**told[0], "_state": None} == {**told[1], "_state": None}
    assert lookup.rows_by_id([row_id], status=PatientStatus.ARCHIVED) == []

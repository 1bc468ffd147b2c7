"""Two people who may be one: what resembles, what doesn't, and whom a warning may name."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from apps.core.patients import selectors, services
from apps.core.patients.models import SearchToken
from apps.core.patients.rules.duplicates import Particulars, likenesses, names_alike, phones_alike, words_alike
from apps.core.patients.rules.search import SearchKey
from apps.core.patients.selectors.index import token_tags
from apps.core.patients.types import Likeness, PatientStatus
from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.types import Actor, NotPermitted
from apps.settings.services import change_preferences
from apps.settings.types import PracticePreferences, SearchMode
from tests.cast import Cast
from tests.factories.patients import enrol_patient

BORN = date(1965, 3, 12)
letters = st.text("abcdeé", min_size=1, max_size=7)
names = st.lists(letters, min_size=1, max_size=3).map(" ".join)
people = st.builds(
    Particulars,
    names,
    names,
    st.sampled_from([BORN, date(1965, 3, 13)]),
    st.sampled_from(["", "5551234567", "+1 555 123 4567", "5559876543"]),
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Doe", "doe"),
        ("José", "Jose"),
        ("O'Neill", "ONeill"),
        ("O'Neill", "O\N{RIGHT SINGLE QUOTATION MARK}Neil"),
        ("Doe-Smith", "Smith Doe"),
        ("Doe-Smith", "Doe"),
        ("Mary Ann", "Mary"),
        ("Katherine", "Catherine"),
        ("Jon", "John"),
        ("Micheal", "Michael"),
        ("Søren", "Soren"),
        ("Müller", "Mueller"),
        ("Li", "LI"),
    ],
)
def test_names_that_are_alike(one: str, other: str) -> None:
    assert names_alike(one, other)
    assert names_alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Doe", "Smith"),
        ("Li", "Lu"),
        ("J", "K"),
        ("Anna", "Annabel"),
        ("Jane", "Jean"),
        ("Mary Ann", "Mary Beth"),
        ("Ann Ann", "Ann Bea"),
        ("", "Doe"),
        ("--", "Doe"),
    ],
)
def test_names_that_are_not(one: str, other: str) -> None:
    assert not names_alike(one, other)
    assert not names_alike(other, one)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("+1 555 123 4567", "(555) 123-4567", True),
        ("555-1234", "5551234", True),
        ("555-1234", "+1 555 555 1234", False),
        ("", "", False),
        ("555-12", "555-12", False),
        ("+1 555 123 4567", "+1 555 123 4568", False),
    ],
)
def test_phones(one: str, other: str, alike: bool) -> None:
    assert phones_alike(one, other) is alike
    assert phones_alike(other, one) is alike


@given(people, people)
def test_likeness_is_symmetric(one: Particulars, other: Particulars) -> None:
    assert likenesses(one, other) == likenesses(other, one)


@given(people)
def test_everybody_resembles_themselves(one: Particulars) -> None:
    assert Likeness.NAME_AND_BIRTH in likenesses(one, one)


@given(st.text("abcdefghij", min_size=4, max_size=10), st.data())
def test_one_typing_error_is_always_found(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("xyz"))
    errors = [word[:at] + letter + word[at + 1 :], word[:at] + word[at + 1 :], word[:at] + letter + word[at:]]
    if at:
        errors.append(word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :])
    for wrong in errors:
        assert words_alike(word, wrong)
        assert words_alike(wrong, word)


@given(st.text("abc", min_size=4, max_size=8), st.text("xyz", min_size=2, max_size=2))
def test_two_errors_are_two(word: str, added: str) -> None:
    assert not words_alike(word, word + added)


def test_first_and_last_name_the_other_way_round() -> None:
    one = Particulars("Jane", "Doe", BORN)
    assert likenesses(one, Particulars("Doe", "Jane", BORN)) == (Likeness.SWAPPED_NAME_AND_BIRTH,)
    assert likenesses(one, Particulars("Doe", "Jane", date(1965, 3, 13))) == ()


def found(cast: Cast, person: str = "ma", **values: object) -> dict[UUID, tuple[Likeness, ...]]:
    entered = {"first_name": "Jane", "last_name": "Doe", "date_of_birth": BORN, **values}
    with cast.highland.scope():
        similar = selectors.similar_patients(**entered, by=cast.highland.actor(person))  # type: ignore[arg-type]
    return {one.id: one.likenesses for one in similar}


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(
        cast.highland, first_name="Jane", last_name="Doe", date_of_birth=BORN, phone="+1 555 123 4567", mrn="A-1"
    )


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({}, (Likeness.NAME_AND_BIRTH,)),
        ({"first_name": "Jéne"}, (Likeness.NAME_AND_BIRTH,)),
        ({"first_name": "Kane"}, (Likeness.NAME_AND_BIRTH,)),
        ({"last_name": "Boe"}, (Likeness.NAME_AND_BIRTH,)),
        ({"first_name": "Doe", "last_name": "JANE"}, (Likeness.SWAPPED_NAME_AND_BIRTH,)),
        ({"first_name": "Sam", "last_name": "Okafor", "phone": "555 123 4567"}, (Likeness.PHONE,)),
        ({"phone": "(555) 123-4567"}, (Likeness.NAME_AND_BIRTH, Likeness.PHONE)),
    ],
)
def test_a_similar_patient_is_found(
    cast: Cast, jane: UUID, values: dict[str, object], why: tuple[Likeness, ...]
) -> None:
    assert found(cast, **values) == {jane: why}


@pytest.mark.parametrize(
    "values", [{"date_of_birth": date(1965, 3, 13)}, {"first_name": "Sam"}, {"last_name": "Okafor"}]
)
def test_half_a_likeness_is_none(cast: Cast, jane: UUID, values: dict[str, object]) -> None:
    assert found(cast, **values) == {}


def test_archived_patients_are_named_and_deleted_ones_and_other_practices_never(cast: Cast, jane: UUID) -> None:
    from django.utils import timezone

    from apps.core.care import services as care

    enrol_patient(cast.lakeside, first_name="Jane", last_name="Doe", date_of_birth=BORN, phone="555 123 4567")
    gone = enrol_patient(cast.highland, first_name="Jane", last_name="Doe", date_of_birth=BORN)
    admin = cast.highland.actor("admin")
    with cast.highland.scope():
        care.archive_patient(patient_id=jane, reason="Moved", by=admin, now=timezone.now())
        care.delete_patient(patient_id=gone, reason="Entered twice", by=admin, now=timezone.now())
        similar = selectors.similar_patients(
            first_name="Jane", last_name="Doe", date_of_birth=BORN, by=cast.highland.actor("ma")
        )
    assert [(one.id, one.status) for one in similar] == [(jane, PatientStatus.ARCHIVED)]


def test_whom_somebody_was_shown_is_one_row_of_the_log(cast: Cast, jane: UUID) -> None:
    found(cast)
    row = AuditLog.objects.get(action="patient.duplicate_check")
    assert (row.subject_id, row.actor_id) == (jane, cast.highland.people["ma"])
    found(cast, last_name="Nobody")
    assert AuditLog.objects.filter(action="patient.duplicate_check").count() == 1


def test_who_was_answered_for_is_not_asked_about_again_but_a_new_one_is(cast: Cast, jane: UUID) -> None:
    assert found(cast, answered=[jane]) == {}
    other = enrol_patient(cast.highland, first_name="Jane", last_name="Doe", date_of_birth=BORN)
    assert set(found(cast, answered=[jane])) == {jane, other}
    assert set(found(cast, answered=[uuid4()])) == {jane, other}


def test_only_who_may_add_patients_may_look(cast: Cast, jane: UUID) -> None:
    with pytest.raises(NotPermitted):
        found(cast, "patient")


def test_a_patient_is_found_by_what_stands_now(cast: Cast, jane: UUID) -> None:
    with cast.highland.scope():
        services.change_patient(
            patient_id=jane, changes={"date_of_birth": date(1970, 1, 1), "phone": ""}, by=cast.highland.actor("ma")
        )
    assert found(cast) == {}
    assert found(cast, date_of_birth=date(1970, 1, 1)) == {jane: (Likeness.NAME_AND_BIRTH,)}


def test_a_look_costs_the_same_whoever_is_on_record(cast: Cast, jane: UUID) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            found(cast)
        return len(asked)

    enrol_patient(cast.highland, first_name="Jane", last_name="Doe", date_of_birth=BORN)
    one = queries()
    for _number in range(12):
        enrol_patient(cast.highland, first_name="Jane", last_name="Doe", date_of_birth=BORN)
    assert queries() == one


def test_the_practice_is_not_opened_for_it(cast: Cast, jane: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index proposes: rows that share neither the day with an initial nor the phone stay sealed."""
    from apps.core.patients.selectors import duplicates

    for number in range(5):
        enrol_patient(cast.highland, first_name="Sam", last_name="Okafor", date_of_birth=date(1950, 1, 1 + number))
    opened = []
    real = duplicates._particulars_of
    monkeypatch.setattr(duplicates, "_particulars_of", lambda row: opened.append(row.id) or real(row))
    found(cast)
    assert opened == [jane]


def test_the_system_may_look_too(cast: Cast, jane: UUID) -> None:
    with cast.highland.scope():
        similar = selectors.similar_patients(
            first_name="Jane", last_name="Doe", date_of_birth=BORN, by=Actor.system("import", cast.highland.id)
        )
    assert [one.id for one in similar] == [jane]


@pytest.mark.parametrize("mode", list(SearchMode))
def test_it_is_found_however_the_practice_searches(cast: Cast, jane: UUID, mode: SearchMode) -> None:
    """Also before the index follows the new mode, and also where there is none."""
    with cast.highland.scope():
        change_preferences(preferences=PracticePreferences(search_mode=mode), by=cast.highland.actor("admin"))
    later = enrol_patient(cast.highland, first_name="Jane", last_name="Does", date_of_birth=BORN)
    enrol_patient(cast.highland, first_name="Sam", last_name="Okafor", date_of_birth=BORN)
    assert set(found(cast)) == {jane, later}


def test_the_day_of_birth_alone_is_never_indexed(cast: Cast, jane: UUID) -> None:
    with cast.highland.scope():
        keys = {token.tag for token in SearchToken.objects.filter(patient_id=jane, kind="born")}
        practice_id = cast.highland.id
        assert keys == {token_tags(practice_id, SearchKey("born", f"1965-03-12|{letter}"), 0)[0] for letter in "jd"}
        assert not keys & set(token_tags(practice_id, SearchKey("born", "1965-03-12"), 0))
    assert all(tag < 2**40 for tag in keys)

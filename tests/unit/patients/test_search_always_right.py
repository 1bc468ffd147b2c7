"""Whatever happened before, a search finds exactly those whom a plain reading of everybody finds.

Hypothesis plays a practice: people are entered, renamed, archived and deleted; the practice changes how it searches and
under which key; a row is left as an older version of the product wrote it; the sweep runs a little now and then; and a
process is behind with its keys. After each act, searches agree with an oracle that knows nothing of any index.
"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from random import Random
from uuid import UUID

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from apps.core.care import services as care
from apps.core.patients import selectors, services
from apps.core.patients.models import Patient, SearchToken
from apps.core.patients.services import reindexing
from apps.core.patients.types import IdentifierInput, MrnTaken, PatientFilters
from apps.foundation.audit import services as audit
from apps.foundation.encryption import keyring
from apps.foundation.encryption.services import add_index_key, index_keys
from apps.foundation.tenancy.services import register_practice, scope
from apps.foundation.tenancy.types import Actor
from apps.settings.services import change_preferences
from apps.settings.types import PracticePreferences, SearchMode

BY = Actor.system("test")
PARTS = [
    "Ann",
    "Anna",
    "Annabellaswan",
    "Annabellaswans",
    "José",
    "Li",
    "O'Neill",
    "Smith",
    "Smith-Jones",
    "Łukasz",
    "Zoë",
]
NAMES = st.lists(st.sampled_from(PARTS), min_size=1, max_size=2).map(" ".join)
_practices = count(1)


@dataclass(frozen=True)
class Person:
    """What the oracle knows of somebody."""

    first: str
    last: str
    mrn: str
    phone: str
    email: str
    number: str
    archived: bool = False


def plain(text: str) -> str:
    """As somebody reads it who does not mind accents, case and apostrophes."""
    text = text.lower().replace("'", "").replace("’", "").replace("ł", "l")
    return "".join(char for char in unicodedata.normalize("NFD", text) if unicodedata.category(char) != "Mn")


def words(name: str) -> set[str]:
    found = set(plain(name).replace("-", " ").split())
    return found | {piece.replace("-", "") for piece in plain(name).split()}


def without_signs(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", plain(text))


def holds(person: Person, typed: str, mode: SearchMode) -> bool:
    """Whether the person holds one typed word: by name, by a whole number, by the whole e-mail address."""
    names = words(f"{person.first} {person.last}")

    def begins(part: str) -> bool:
        whole = len(part) < 3 or mode is SearchMode.EXACT
        return part in names if whole else any(name.startswith(part) for name in names)

    simple = plain(typed)
    if simple == plain(person.email) or without_signs(simple) in (
        without_signs(person.mrn),
        without_signs(person.number),
    ):
        return True
    if len(re.sub(r"\D", "", typed)) >= 7 and re.sub(r"\D", "", typed)[-10:] in (person.phone[-10:], person.phone[-7:]):
        return True
    return all(begins(part) for part in simple.split("-")) or begins(simple.replace("-", ""))


def as_somebody_types(text: str, chance: Random) -> str:
    """The same in another case, with or without accents and apostrophes."""
    text = chance.choice([str.upper, str.lower, str.title, str])(text)
    text = chance.choice([plain, lambda same: same, lambda same: unicodedata.normalize("NFD", same)])(text)
    return text.replace("'", chance.choice(["'", "’", ""]))


class Practice(RuleBasedStateMachine):
    """A practice, a neighbour with the same people, and an oracle."""

    @initialize()
    def open(self) -> None:
        self.id = register_practice(name=f"Practice {next(_practices)}", time_zone="UTC")
        self.neighbour = register_practice(name="Neighbour", time_zone="UTC")
        self.people: dict[UUID, Person] = {}
        self.mode = SearchMode.PREFIX
        self.numbers = count(1)
        self.behind: dict[tuple[UUID, str], keyring.KeySet] = {}

    @rule(first=NAMES, last=NAMES)
    def enter(self, first: str, last: str) -> None:
        number = next(self.numbers)
        person = Person(first, last, f"A-{number:04d}", f"1555{number:07d}", f"p{number}@Example.org", f"ecw {number}x")
        self.people[self.register(self.id, person)] = person
        self.register(self.neighbour, person)

    @precondition(lambda self: self.people)
    @rule(name=NAMES, data=st.data())
    def rename(self, name: str, data: st.DataObject) -> None:
        patient_id = self.pick(data)
        if not self.people[patient_id].archived:
            with scope(self.id):
                services.change_patient(
                    patient_id=patient_id, changes={"last_name": name, "phone": "18005550199"}, by=BY
                )
            self.people[patient_id] = replace(self.people[patient_id], last=name, phone="18005550199")

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def archive(self, data: st.DataObject) -> None:
        patient_id = self.pick(data)
        if not self.people[patient_id].archived:
            with scope(self.id):
                care.archive_patient(patient_id=patient_id, reason="Moved", by=BY, now=timezone.now())
            self.people[patient_id] = replace(self.people[patient_id], archived=True)

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        patient_id = self.pick(data)
        with scope(self.id), audit.batch("test", by=BY):
            Patient.objects.filter(id=patient_id).update(deleted_at=timezone.now())
        del self.people[patient_id]

    @rule(mode=st.sampled_from(SearchMode))
    def change_mode(self, mode: SearchMode) -> None:
        with scope(self.id):
            change_preferences(preferences=PracticePreferences(search_mode=mode), by=BY)
        self.mode = mode

    @precondition(lambda self: len(index_keys(self.id)) < 3)
    @rule()
    def add_key(self) -> None:
        """Here too; another process goes on with what it knew."""
        self.behind = dict(keyring._cache)
        add_index_key(self.id)

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def leave_as_an_older_version_wrote_it(self, data: st.DataObject) -> None:
        if len(index_keys(self.id)) > 1:
            return  # older versions knew one key
        patient_id = self.pick(data)
        with scope(self.id), audit.batch("test", by=BY):
            SearchToken.objects.filter(patient_id=patient_id).delete()
            Patient.objects.filter(id=patient_id).update(index_recipe=None, index_key=None)

    @rule(rows=st.integers(1, 3))
    def sweep_a_little(self, rows: int) -> None:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(reindexing, "_AT_ONCE", rows)
            services.reindex_due(limit=rows)

    @rule()
    def sweep_and_retire(self) -> None:
        services.reindex_due()
        with scope(self.id):
            services.retire_index_keys(by=BY)
            assert len(index_keys(self.id)) == 1

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def an_mrn_is_given_once(self, data: st.DataObject) -> None:
        person = self.people[self.pick(data)]
        with pytest.raises(MrnTaken):
            self.register(self.id, replace(person, number="other"))

    @precondition(lambda self: self.people)
    @rule(data=st.data(), chance=st.randoms(use_true_random=False))
    def search(self, data: st.DataObject, chance: Random) -> None:
        person = self.people[self.pick(data)]
        typed = chance.choice(
            [
                f"{person.last} {person.first}",
                chance.choice(person.first.split()),
                chance.choice(person.last.split())[: chance.randrange(2, 14)],
                f"{person.last[:5]} {person.first[:4]}",
                f"{person.mrn} {person.first}",
                person.mrn.replace("-", ""),
                person.phone[-7:],
                person.email,
                person.number.replace(" ", ""),
                "smithjones",
                "annabellaswanx",
            ]
        )
        self.check(as_somebody_types(typed, chance))

    @invariant()
    def a_common_name_is_right(self) -> None:
        self.check("ann")
        self.check("smith")

    def check(self, typed: str) -> None:
        expected = {
            row_id
            for row_id, person in self.people.items()
            if all(holds(person, one, self.mode) for one in typed.split())
        }
        with scope(self.id):
            assert self.found(typed) == expected, typed
            with self.process_that_is_behind():
                assert self.found(typed) == expected, typed

    def found(self, typed: str) -> set[UUID]:
        page = selectors.patient_page(filters=PatientFilters(query=typed, status=None), page_size=100, by=BY)
        assert page.total == len(page.rows)
        return {row.id for row in page.rows}

    @contextmanager
    def process_that_is_behind(self) -> Iterator[None]:
        now = dict(keyring._cache)
        keyring._cache.update(self.behind)
        yield
        keyring._cache.clear()
        keyring._cache.update(now)

    def register(self, practice_id: UUID, person: Person) -> UUID:
        with scope(practice_id):
            return services.register_patient(
                first_name=person.first, last_name=person.last, date_of_birth=date(1960, 1, 1), mrn=person.mrn,
                phone=f"+{person.phone}", email=person.email, identifiers=[IdentifierInput("ecw", person.number)],
                by=BY,
            )  # fmt: skip

    def pick(self, data: st.DataObject) -> UUID:
        return data.draw(st.sampled_from(sorted(self.people)))


def test_a_search_is_right_at_every_moment(db: None) -> None:
    checks = list(HealthCheck)
    run_state_machine_as_test(
        Practice,
        settings=settings(max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=checks),
    )

"""One search, one way: the page, the filter, the selector, the rules, the blind index, the table, the disclosure.

The page and the API go through the same selector; nothing is opened but what is shown, and the log says what was.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.patients.models import Patient, SearchToken
from apps.core.patients.rules import search as rules
from apps.core.patients.selectors import lookup
from apps.core.patients.selectors.index import partition_of, token_tags
from apps.foundation.audit.models import AuditLog, AuditSubject
from apps.foundation.encryption import fields
from apps.settings.types import SearchMode
from tests.cast import Cast
from tests.factories.patients import enrol_patient

LIST = "/patients/"
API = "/api/v1/patients/"
TYPED = "O’Neill jan"


@pytest.fixture
def people(cast: Cast) -> dict[str, UUID]:
    """Whom the search must find, others of the practice, and the same name next door."""
    others = {f"Other{letter}": enrol_patient(cast.highland, last_name=f"Other{letter}") for letter in "abcdef"}
    enrol_patient(cast.lakeside, first_name="Jane", last_name="O'Neill", mrn="MRN-00042")
    jane = enrol_patient(cast.highland, first_name="Jane", last_name="O'Neill", mrn="MRN-00042")
    return others | {"Jane": jane}


@contextmanager
def rows_opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[UUID]]:
    """The ids of all rows of which any sealed value is opened meanwhile."""
    opened: set[UUID] = set()
    original = fields.SealedField.open_bytes_at

    def note(field: fields.SealedField, sealed: fields.Sealed, practice_id: UUID, row_id: UUID) -> bytes:
        if field.model is Patient:
            opened.add(row_id)
        return original(field, sealed, practice_id, row_id)

    with monkeypatch.context() as patched:
        patched.setattr(fields.SealedField, "open_bytes_at", note)
        yield opened


def test_from_the_typed_name_to_the_row_in_the_log(
    cast: Cast, people: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    jane, nurse = people["Jane"], cast.highland.client("nurse")
    nurse.get(LIST)
    before = AuditLog.objects.count()

    # the rules say what the typed words ask of the index
    terms = rules.terms_of(TYPED)
    assert [term.names for term in terms] == [(("oneill",),), (("jan",),)]
    # the index holds the name under a tag of this practice and of her partition, and nothing readable
    with cast.highland.scope():
        asked = rules.index_key("oneill", whole=True)
        tag = token_tags(cast.highland.id, asked, partition_of(jane))[0]
        assert SearchToken.objects.get(kind="word", tag=tag).patient_id == jane
        assert set(lookup.ask_index(terms, SearchMode.PREFIX).ranks or {}) == {jane}

    # the page: posted, one row, and no other row was opened
    with rows_opened(monkeypatch) as opened, CaptureQueriesContext(connection) as queries:
        page = nurse.post(LIST, {"q": TYPED})
    assert page.status_code == 200
    shown = page.content.decode()
    assert "O&#x27;NEILL, JANE" in shown
    assert "1 found" in shown
    assert "OTHERA" not in shown
    assert opened == {jane}
    assert not any("neill" in query["sql"].lower() for query in queries.captured_queries)

    # the log: one row, this person, this patient
    assert AuditLog.objects.count() == before + 1
    row = AuditLog.objects.get(action="patient.list", subject_id=jane)
    assert row.actor_id == cast.highland.people["nurse"]

    # the API says the same, by the same way
    with rows_opened(monkeypatch) as opened:
        answer = nurse.get(API, {"q": TYPED}).json()
    assert [result["id"] for result in answer["results"]] == [str(jane)]
    assert answer["count"] == 1
    assert opened == {jane}
    assert AuditLog.objects.filter(action="patient.list", subject_id=jane).count() == 2


def test_the_neighbour_finds_her_own(cast: Cast, people: dict[str, UUID]) -> None:
    found = cast.lakeside.client("nurse").get(API, {"q": TYPED}).json()["results"]
    assert len(found) == 1
    assert found[0]["id"] != str(people["Jane"])


@pytest.mark.parametrize("typed", ["jane", ""])
def test_a_page_costs_as_many_queries_for_sixty_as_for_two(cast: Cast, typed: str) -> None:
    nurse = cast.highland.client("nurse")

    def cost() -> int:
        nurse.post(LIST, {"q": typed})
        with CaptureQueriesContext(connection) as queries:
            assert nurse.post(LIST, {"q": typed}).status_code == 200
        return len(queries)

    for _ in range(2):
        enrol_patient(cast.highland, first_name="Jane")
    two = cost()
    for _ in range(58):
        enrol_patient(cast.highland, first_name="Jane")
    assert cost() == two
    assert two <= 16


def test_nobody_found_discloses_nothing(cast: Cast, people: dict[str, UUID]) -> None:
    nurse = cast.highland.client("nurse")
    before = AuditLog.objects.count(), AuditSubject.objects.count()
    assert "Nobody matches" in nurse.post(LIST, {"q": "zzyzx"}).content.decode()
    assert (AuditLog.objects.count(), AuditSubject.objects.count()) == before

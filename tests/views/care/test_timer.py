"""The timer's two addresses: what a page gets, and what it may say."""

import json
import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.core.care.models import ActivitySpan
from apps.core.care.views import activity as views
from tests.cast import Cast
from tests.factories.patients import enrol_patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, first_name="Jane", last_name="Doe")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch):
    def move(seconds: float) -> None:
        class Clock:
            now = staticmethod(lambda: timezone.now() + timedelta(seconds=seconds))

        monkeypatch.setattr(views, "timezone", Clock)

    return move


def opened(client: Client, patient_id: UUID) -> str:
    text = client.get(reverse("care:timer", args=[patient_id])).content.decode()
    found = re.search(r'data-page="([^"]+)"', text)
    assert found
    return found[1]


def tell(client: Client, patient_id: UUID, page: str, pieces: object = (), **more: str):
    said = pieces if isinstance(pieces, str) else json.dumps(pieces)
    return client.post(reverse("care:track", args=[patient_id]), {"page": page, "pieces": said, **more})


def spans() -> int:
    return ActivitySpan._base_manager.count()


def test_a_page_tells_what_happened(cast, jane, later):
    nurse = cast.highland.client("nurse")
    page = opened(nurse, jane)
    later(100)
    assert tell(nurse, jane, page, [[0, 60000, "triage"], [60000, 90000, "care_plan"]]).status_code == 204
    assert spans() == 2


def test_a_second_page_goes_on_with_the_first_ones_visit(cast, jane, later):
    nurse = cast.highland.client("nurse")
    first = opened(nurse, jane)
    later(100)
    tell(nurse, jane, first, [[0, 60000, "triage"]])
    second = opened(nurse, jane)
    later(200)
    tell(nurse, jane, second, [[0, 60000, "triage"]], visit=first)
    assert ActivitySpan._base_manager.values("visit").distinct().count() == 1


@pytest.mark.parametrize(
    "pieces",
    ["{", "1", "[1]", "[[0]]", '[[0, "1", "triage"]]', "[[0, 1.5, \"triage\"]]", "[[-1, 5, \"triage\"]]",
     "[[0, true, \"triage\"]]", '[[0, 1000, "golf"]]', json.dumps([[0, 1, "triage"]] * 201)],
)  # fmt: skip
def test_what_no_page_says_is_refused(cast, jane, later, pieces):
    nurse = cast.highland.client("nurse")
    page = opened(nurse, jane)
    later(100)
    assert tell(nurse, jane, page, pieces).status_code == 422
    assert spans() == 0


def test_the_future_is_refused(cast, jane):
    nurse = cast.highland.client("nurse")
    assert tell(nurse, jane, opened(nurse, jane), [[0, 60000, "triage"]]).status_code == 409
    assert spans() == 0


def test_a_page_that_we_did_not_open(cast, jane, later):
    nurse = cast.highland.client("nurse")
    page = opened(nurse, jane)
    other = enrol_patient(cast.highland)
    later(100)
    pieces = [[0, 60000, "triage"]]
    assert tell(nurse, jane, page[:-1] + ("a" if page[-1] != "a" else "b"), pieces).status_code == 422
    assert tell(nurse, jane, "", pieces).status_code == 422
    assert tell(nurse, other, page, pieces).status_code == 409
    assert tell(cast.highland.client("provider"), jane, page, pieces).status_code == 409
    assert tell(nurse, jane, page, pieces, visit=opened(nurse, other)).status_code == 409
    later(13 * 3600)
    assert tell(nurse, jane, page, pieces).status_code == 409
    assert spans() == 0


def test_an_archived_patient_has_no_timer(cast, jane):
    from apps.core.care.services import archive_patient

    with cast.highland.scope():
        archive_patient(patient_id=jane, reason="moved", by=cast.highland.actor("nurse"), now=timezone.now())
    answer = cast.highland.client("nurse").get(reverse("care:timer", args=[jane]))
    assert (answer.status_code, answer.content) == (200, b"")


def test_without_the_token_of_the_form_nothing_is_taken(cast, jane):
    client = Client(enforce_csrf_checks=True)
    client.cookies = cast.highland.client("nurse").cookies
    assert tell(client, jane, opened(client, jane)).status_code == 403

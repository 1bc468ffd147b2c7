"""The portal's pages: only for the patient, only about them, in plain words."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.observations.types import ReadingKind
from apps.foundation.audit.models import AuditLog
from tests.cast import Cast, CastPractice
from tests.factories.patients import enrol_patient
from tests.factories.portal import open_account, own_client
from tests.factories.readings import pressure, reading, send

pytestmark = pytest.mark.django_db
PAGES = (
    "/portal/",
    "/portal/readings/?kind=blood_pressure",
    "/portal/check-in/",
    "/portal/messages/",
    "/portal/messages/new/",
    "/portal/record/",
    "/portal/consents/",
    "/portal/requests/",
    "/portal/who-saw/",
    "/portal/account/",
)


@pytest.fixture
def practice(cast: Cast) -> CastPractice:
    return cast.highland


@pytest.fixture
def jane(practice: CastPractice) -> UUID:
    return enrol_patient(practice, first_name="Jane", last_name="Doe")


@pytest.fixture
def janes(practice: CastPractice, jane: UUID) -> Client:
    return own_client(open_account(practice, jane, email="jane@home.example"))


def measure(practice: CastPractice, patient_id: UUID, *pairs: tuple[int, int]) -> None:
    now = timezone.now()
    with practice.scope():
        send(patient_id, [pressure(now - timedelta(days=n), *pair) for n, pair in enumerate(pairs)], now)


@pytest.mark.parametrize("page", PAGES)
def test_each_page_opens_for_the_patient_and_for_nobody_of_the_team(
    practice: CastPractice, janes: Client, page: str
) -> None:
    assert janes.get(page).status_code == 200
    assert practice.client("provider").get(page).status_code == 403
    assert practice.client("admin").get(page).status_code == 403
    assert Client().get(page).status_code == 302


def test_own_readings_are_told_in_plain_words_with_the_goal(practice: CastPractice, jane: UUID, janes: Client) -> None:
    measure(practice, jane, (152, 84), (118, 74))
    page = janes.get("/portal/").content.decode()
    assert "152/84" in page and "High" in page
    assert "top number 111 to 129" in page and "bottom number 60 to 79" in page
    history = janes.get("/portal/readings/?kind=blood_pressure").content.decode()
    assert "1 of 2 were in your goal" in history and "<svg" in history


def test_nothing_of_another_patient_is_ever_shown(practice: CastPractice, janes: Client) -> None:
    other = enrol_patient(practice, first_name="Sam", last_name="Okafor")
    measure(practice, other, (184, 122))
    assert "184/122" not in janes.get("/portal/").content.decode()
    assert "184/122" not in janes.get("/portal/readings/?kind=blood_pressure").content.decode()


def test_looking_is_recorded_as_the_patients_own(practice: CastPractice, jane: UUID, janes: Client) -> None:
    janes.get("/portal/")
    row = AuditLog.objects.filter(practice_id=practice.id, action="portal.readings").latest("sequence")
    assert row.actor_role == "patient"


def test_the_home_page_asks_the_same_number_of_queries_for_any_history(
    practice: CastPractice, jane: UUID, janes: Client
) -> None:
    measure(practice, jane, (118, 74))
    janes.get("/portal/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        janes.get("/portal/")
    measure(practice, jane, *[(120 + n, 75) for n in range(9)])
    with CaptureQueriesContext(connection) as many:
        janes.get("/portal/")
    assert len(many) == len(few)


def test_a_kind_that_there_is_not_is_not_found(janes: Client) -> None:
    assert janes.get("/portal/readings/?kind=mood").status_code == 404


def test_weight_is_told_in_pounds(practice: CastPractice, jane: UUID, janes: Client) -> None:
    now = timezone.now()
    with practice.scope():
        send(jane, [reading(ReadingKind.WEIGHT, now, "82.0")], now)
    assert "180.8" in janes.get("/portal/").content.decode()


@pytest.mark.parametrize(
    "page",
    [
        "/triage/",
        "/patients/",
        "/devices/",
        "/quarantine/",
        "/settings/people/",
        "/audit/",
        "/admin/",
        "/patients/{0}/",
    ],
)
def test_no_page_of_the_team_opens(jane: UUID, janes: Client, page: str) -> None:
    assert janes.get(page.format(jane)).status_code in {403, 404, 302}
    if page != "/admin/":
        assert janes.get(page.format(jane)).status_code == 403


def test_whoever_signs_in_as_a_patient_lands_on_the_portal(janes: Client) -> None:
    assert janes.get("/")["Location"] == "/portal/"


def test_the_page_of_colleagues_names_leads_a_patient_to_their_own_account(janes: Client) -> None:
    answer = janes.get("/account/", follow=True)
    text = answer.content.decode()
    assert "jane@home.example" in text and "patient.invalid" not in text


def test_a_foreign_id_in_an_address_is_not_found(janes: Client) -> None:
    for page in ("messages/{}/", "consents/{}/", "requests/{}/record.json", "requests/{}/record.pdf"):
        assert janes.get("/portal/" + page.format(uuid4())).status_code == 404


def test_the_language_is_kept_for_pages_and_mails(janes: Client) -> None:
    answer = janes.post("/portal/account/", {"language": "es"})
    assert answer.status_code == 302
    assert '<html lang="es"' in janes.get("/portal/").content.decode()
    assert janes.post("/portal/account/", {"language": "xx"}).status_code == 422

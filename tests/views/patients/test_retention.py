"""The list of archived patients and the queue of records whose retention has run out."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from apps.authentication.types import Role
from apps.core.care import services as care
from apps.core.patients.models import RetentionReview
from apps.core.patients.services import flag_due_records
from apps.foundation.audit.models import AuditLog
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.factories.privacy import today_in
from tests.told import told

ARCHIVED = "/patients/archived/"
QUEUE = "/patients/retention/"
SIX_YEARS_AGO = timedelta(days=6 * 366)
DIALOG = {"HX-Request": "true", "HX-Target": "dialog"}


def gone(cast: Cast, first: str, last: str, *, ago: timedelta = timedelta(), reason: str = "Patient request") -> UUID:
    patient = enrol_patient(cast.highland, first_name=first, last_name=last)
    with cast.highland.scope():
        by = cast.highland.actor(Role.PROVIDER)
        care.archive_patient(patient_id=patient, reason=reason, by=by, now=timezone.now() - ago)
    return patient


@pytest.fixture
def provider(cast: Cast) -> Client:
    return cast.highland.client("provider")


@pytest.fixture
def admin(cast: Cast) -> Client:
    return cast.highland.client("admin")


@pytest.fixture
def review(cast: Cast) -> RetentionReview:
    gone(cast, "Mary", "Thompson", ago=SIX_YEARS_AGO)
    flag_due_records(now=timezone.now())
    with cast.highland.scope():
        found: RetentionReview = RetentionReview.objects.get()
        return found


def test_the_archived_are_listed_with_reason_by_and_when(cast, provider):
    jane = gone(cast, "Jane", "Doe", reason="Transferred to another provider: moved to Peoria")
    enrol_patient(cast.highland, first_name="Sam", last_name="Okafor")
    before = AuditLog.objects.count()
    page = provider.get(ARCHIVED).content.decode()
    assert "DOE, JANE" in page
    assert f"/patients/{jane}/" in page
    assert "Transferred to another provider: moved to Peoria" in page
    assert "Provider of Highland" in page
    assert str(today_in(cast.highland).year) in told(page)
    assert "OKAFOR" not in page
    assert "1 found" in page
    assert AuditLog.objects.count() == before + 1
    assert AuditLog.objects.get(action="patient.archived_list").subject_id == jane
    assert QUEUE not in page


def test_the_newest_stand_first_and_a_search_is_posted(cast, provider):
    gone(cast, "Old", "Alder", ago=timedelta(days=3))
    gone(cast, "New", "Birch")
    page = provider.get(ARCHIVED).content.decode()
    assert page.index("BIRCH") < page.index("ALDER")
    fragment = {"HX-Request": "true", "HX-Target": "list"}
    found = provider.post(ARCHIVED, {"q": "alder"}, headers=fragment).content.decode()
    assert "ALDER" in found
    assert "BIRCH" not in found
    assert "<html" not in found
    assert "BIRCH" in provider.get(ARCHIVED, {"q": "alder"}).content.decode()


def test_pages_of_the_archived_cost_the_same(cast, provider, django_assert_max_num_queries):
    for number in range(27):
        gone(cast, "A", f"Person{chr(97 + number % 26)}{'x' * (number // 26)}")
    with django_assert_max_num_queries(20):
        first = provider.get(ARCHIVED).content.decode()
    assert "27 found" in first
    second = provider.post(ARCHIVED, {"page": "2"}).content.decode()
    assert second.count("<tr>") == 3


def test_nobody_archived_says_what_would_stand_here(provider):
    assert "Nobody is here" in provider.get(ARCHIVED).content.decode()


def test_the_list_leads_to_it(provider):
    assert ARCHIVED in provider.get("/patients/").content.decode()


def test_the_queue_names_who_is_due(admin, review):
    page = admin.get(QUEUE).content.decode()
    assert "THOMPSON, MARY" in page
    assert "Patient request" in page
    assert f"{QUEUE}{review.id}/" in page
    assert AuditLog.objects.get(action="patient.retention_list").subject_id == review.patient_id
    assert '<span class="tag">1</span>' in admin.get(ARCHIVED).content.decode()


@pytest.mark.parametrize("role", ["clinical_manager", "provider", "nurse", "ma", "biller"])
def test_the_queue_is_the_administrators(cast, review, role):
    client = cast.highland.client(role)
    assert client.get(QUEUE).status_code == 403
    assert client.get(f"{QUEUE}{review.id}/").status_code == 403
    assert client.post(f"{QUEUE}{review.id}/", {"decision": "keep", "reason": "mine"}).status_code == 403


def test_keep_extend_reviewed_and_nothing_that_erases(admin, review):
    page = admin.get(f"{QUEUE}{review.id}/", headers=DIALOG).content.decode()
    for choice in ("Keep", "Extend", "Mark reviewed"):
        assert choice in page
    assert page.count('type="radio"') == 3
    assert "Nothing is erased" in page
    for word in ("Purge", "Delete", "Destroy"):
        assert word not in page


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"reason": "x"}, "Choose what is to be done."),
        ({"decision": "purge", "reason": "x"}, "Select a valid choice"),
        ({"decision": "keep", "reason": ""}, "Say why."),
        ({"decision": "extend", "reason": "litigation"}, "Until when is it kept?"),
        ({"decision": "extend", "reason": "litigation", "until": "2020-01-01"}, "This must be a day to come."),
    ],
)
def test_a_wrong_decision_is_said_by_its_field(cast, admin, review, given, words):
    answer = admin.post(f"{QUEUE}{review.id}/", given, headers=DIALOG)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    with cast.highland.scope():
        assert RetentionReview.objects.get().decided_at is None


def test_a_decision_moves_the_record_to_the_decided(cast, admin, review):
    until = date(datetime.now(UTC).year + 2, 5, 17)
    given = {"decision": "extend", "reason": "litigation hold", "until": until.isoformat()}
    answer = admin.post(f"{QUEUE}{review.id}/", given, headers=DIALOG)
    assert answer["HX-Redirect"] == QUEUE
    assert "Nothing waits here" in admin.get(QUEUE).content.decode()
    decided = admin.post(QUEUE, {"shown": "decided"}).content.decode()
    assert f"Extended until May 17, {until.year}" in decided
    assert "litigation hold" in decided
    assert "Admin of Highland" in decided
    assert AuditLog.objects.filter(action="patient.retention_decide", subject_id=review.patient_id).count() == 1
    again = admin.post(f"{QUEUE}{review.id}/", {"decision": "keep", "reason": "me too"})
    assert again.status_code == 302
    with cast.highland.scope():
        assert RetentionReview.objects.get().decision == "extend"
    assert "Somebody has decided" in admin.get(f"{QUEUE}{review.id}/").content.decode()

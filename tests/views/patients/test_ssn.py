"""The SSN: four digits for few, the whole number only when asked for, and every look recorded."""

from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.told import told

PART = {"HX-Request": "true", "HX-Target": "ssn"}


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, first_name="Jane", last_name="Doe", ssn="123456789")


@pytest.fixture
def provider(cast: Cast) -> Client:
    return cast.highland.client("provider")


def url(patient_id: UUID) -> str:
    return reverse("patients:ssn", args=[patient_id])


def reveals() -> int:
    return AuditLog.objects.filter(action="patient.ssn_reveal").count()


@pytest.mark.parametrize(
    ("person", "may"),
    [
        ("admin", True),
        ("clinical_manager", True),
        ("provider", True),
        ("biller", True),
        ("nurse", False),
        ("ma", False),
        ("data_monitor", False),
    ],
)
def test_who_may_sees_four_digits_and_may_ask_for_all(cast: Cast, jane: UUID, person: str, may: bool) -> None:
    client = cast.highland.client(person)
    chart = client.get(reverse("patients:chart", args=[jane])).content.decode()
    assert ("•••-••-6789" in chart) is may
    assert "123-45" not in told(chart)
    answer = client.post(url(jane), headers=PART)
    assert answer.status_code == (200 if may else 403)
    assert ("123-45-6789" in answer.content.decode()) is may
    assert reveals() == int(may)


def test_a_refusal_is_recorded(cast: Cast, jane: UUID) -> None:
    cast.highland.client("nurse").post(url(jane))
    row = AuditLog.objects.get(action="access.denied")
    assert row.actor_id == cast.highland.people["nurse"]
    assert open_detail(row)["permission"] == "patient.ssn_reveal"


def test_one_look_is_one_row(provider: Client, jane: UUID) -> None:
    before = AuditLog.objects.count()
    answer = provider.post(url(jane), headers=PART)
    assert AuditLog.objects.count() == before + 1
    assert AuditLog.objects.get(action="patient.ssn_reveal").subject_id == jane
    assert answer["Cache-Control"] == "no-store"
    page = answer.content.decode()
    assert "<html" not in page
    assert "load delay:60s" in page


def test_hiding_it_again_reads_nothing(provider: Client, jane: UUID) -> None:
    before = AuditLog.objects.count()
    page = provider.get(url(jane), headers=PART).content.decode()
    assert "•••-••-••••" in page
    assert "6789" not in told(page)
    assert AuditLog.objects.count() == before


def test_without_htmx_it_is_a_page(provider: Client, jane: UUID) -> None:
    page = provider.post(url(jane)).content.decode()
    assert "<html" in page
    assert "123-45-6789" in page


def test_where_there_is_none_there_is_nothing_to_reveal(cast: Cast, provider: Client) -> None:
    sam = enrol_patient(cast.highland)
    assert "Reveal" not in provider.get(url(sam), headers=PART).content.decode()
    assert provider.post(url(sam)).status_code == 404
    assert reveals() == 0


def test_another_practices_is_not_found(cast: Cast, jane: UUID) -> None:
    client = cast.lakeside.client("provider")
    assert client.post(url(jane)).status_code == 404
    assert client.get(url(jane)).status_code == 404
    assert reveals() == 0

"""Entering a patient: what is wrong stands by its field, nothing typed is lost, and nobody is added twice unasked."""

import re
from datetime import date
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from apps.core.patients.models import Patient
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.told import told

URL = "/patients/new/"
NEW = {
    "first_name": "Jane",
    "last_name": "Doe",
    "date_of_birth": "1965-03-12",
    "gender": "female",
    "phone": "+15551234567",
    "email": "jane@example.org",
    "address_lines": "123 Main Street\nApt 4B",
    "city": "Springfield",
    "state": "il",
    "postal_code": "62704-1234",
    "external_id": "ECW-PT-58291",
    "expected_days_between": "2",
    "time_zone": "America/Denver",
    "conditions": ["hypertension"],
}
NASTY = ('<script>alert("x")</script>', '"><img src=x onerror=alert(1)>', "{{ 7*7 }} x", "x';--", "<b>bold</b>")


@pytest.fixture
def ma(cast: Cast) -> Client:
    return cast.highland.client("ma")


def stored() -> Patient:
    return Patient._base_manager.get()


def errors(page: str) -> dict[str, str]:
    found = re.findall(r'id="id_(\w+)_error"[^>]*><li>(.*?)</li>', page)
    return dict(found)


def test_everything_entered_is_kept(ma: Client) -> None:
    answer = ma.post(URL, {**NEW, "ssn": "123-45-6789"})
    assert answer.status_code == 302
    row = stored()
    assert answer["Location"] == reverse("patients:chart", args=[row.id])
    assert (row.address_lines, row.city, row.state, row.postal_code) == (
        ["123 Main Street", "Apt 4B"],
        "Springfield",
        "IL",
        "62704-1234",
    )
    assert (row.mrn, row.ssn, row.expected_days_between, row.time_zone) == (
        "MRN-00001",
        "123-45-6789",
        2,
        "America/Denver",
    )
    chart = ma.get(answer["Location"]).content.decode()
    assert "ECW-PT-58291" in chart
    assert "123 Main Street<br>Apt 4B<br>Springfield, IL 62704-1234" in chart
    assert "tel:+15551234567" in chart


def test_the_database_holds_no_name_in_clear(ma: Client) -> None:
    ma.post(URL, {**NEW, "first_name": "Maximiliana", "last_name": "Featherstone", "postal_code": "62704-1138"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM patients_patient")
        kept = repr(cursor.fetchall()).lower()
    for secret in (
        "maximiliana",
        "featherstone",
        "1965-03-12",
        "5551234567",
        "main street",
        "springfield",
        "62704-1138",
        "mrn-00001",
    ):
        assert secret not in kept


@pytest.mark.parametrize("person", ["admin", "clinical_manager", "provider", "nurse", "ma", "data_monitor"])
def test_admin_clinicians_and_staff_may(cast: Cast, person: str) -> None:
    client = cast.highland.client(person)
    assert client.get(URL).status_code == 200
    assert client.post(URL, NEW).status_code == 302


def test_a_patient_may_not(cast: Cast) -> None:
    assert cast.highland.client("patient").post(URL, NEW).status_code == 403
    assert not Patient._base_manager.exists()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("first_name", " ", "Enter the first name."),
        ("last_name", "", "Enter the last name."),
        ("date_of_birth", "", "Enter the date of birth, such as 1965-03-12."),
        ("date_of_birth", "12. März", "A date is written year-month-day, such as 1965-03-12."),
        ("date_of_birth", "2999-01-01", "This day is still to come: check the year."),
        ("date_of_birth", "1765-01-01", "Nobody is that old: check the year."),
        ("gender", "", "Choose one; “Unknown” is possible."),
        ("mrn", "---", "An MRN has letters and digits, 20 at most."),
        ("phone", "555-12", "A phone number has 7 digits at least: +1 555 123 4567."),
        ("email", "jane", "An e-mail address has an @ and a domain: name@example.com."),
        ("state", "Ill", "A state has two letters, such as IL."),
        ("state", "I1", "A state has two letters, such as IL."),
        ("state", "ZZ", "There is no such state or territory: choose its two letters from the list."),
        ("postal_code", "123", "A ZIP code has 5 digits, or 5 and 4: 62704-1234."),
        ("ssn", "12-34", "An SSN has 9 digits: 123-45-6789."),
        ("expected_days_between", "0", "Between 1 day and 30 days."),
        ("expected_days_between", "often", "Enter a number of days: 1 means every day."),
        ("time_zone", "Mars/Olympus", "This is not one of the choices."),
    ],
)
def test_what_is_wrong_stands_by_its_field_in_words(ma: Client, name: str, value: str, said: str) -> None:
    answer = ma.post(URL, {**NEW, name: value})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert errors(page) == {name: said}
    assert (
        f'aria-invalid="true" aria-describedby="id_{name}' in page.replace("\n", " ") or 'aria-invalid="true"' in page
    )
    assert not Patient._base_manager.exists()


def test_all_faults_are_told_at_once(ma: Client) -> None:
    page = ma.post(URL, {**NEW, "date_of_birth": "2999-01-01", "postal_code": "123", "state": "Ill", "phone": "1"})
    assert set(errors(page.content.decode())) == {"date_of_birth", "postal_code", "state", "phone"}


def test_nothing_typed_is_lost_but_the_ssn_which_is_never_shown(ma: Client) -> None:
    page = ma.post(URL, {**NEW, "ssn": "123-45-6789", "postal_code": "123"}).content.decode()
    for kept in ("Jane", "Doe", "1965-03-12", "+15551234567", "123 Main Street\nApt 4B", "ECW-PT-58291", "Springfield"):
        assert kept in page
    assert re.search(r'value="female" selected', page)
    assert re.search(r'value="America/Denver" selected', page)
    assert re.search(r'value="hypertension"[^>]*checked', page)
    assert "6789" not in told(page)
    assert "Enter the SSN again" in errors(page)["ssn"]


def test_a_taken_mrn_and_a_taken_emr_id_are_told_by_their_fields(cast: Cast, ma: Client) -> None:
    enrol_patient(cast.highland, mrn="A-17", external_id="ECW-1")
    taken = ma.post(URL, {**NEW, "mrn": "a17"}).content.decode()
    assert "Another patient has this MRN" in errors(taken)["mrn"]
    taken = ma.post(URL, {**NEW, "external_id": "ECW-1"}).content.decode()
    assert errors(taken) == {"external_id": "Another patient has this EMR id."}
    assert Patient._base_manager.count() == 1


@pytest.mark.parametrize("nasty", NASTY)
def test_markup_in_any_text_is_only_text(cast: Cast, ma: Client, nasty: str) -> None:
    texts = dict.fromkeys(("first_name", "last_name", "address_lines", "city", "external_id"), nasty)
    entered = {**NEW, **texts, "mrn": "X-1"}
    wrong = ma.post(
        URL, {**entered, "postal_code": nasty, "phone": nasty, "email": nasty, "state": nasty, "ssn": nasty}
    )
    pages = [wrong.content.decode()]
    saved = ma.post(URL, entered)
    assert saved.status_code == 302, errors(saved.content.decode())
    again = ma.post(URL, {**entered, "mrn": "", "external_id": ""})
    row = stored()
    provider = cast.highland.client("provider")
    line = AuditLog.objects.get(action="patient.create").id
    history = reverse("patients:history", args=[row.id])
    reveal = reverse("patients:history_reveal", args=[row.id, line])
    pages += [
        again.content.decode(),
        ma.get(saved["Location"]).content.decode(),
        provider.get(history).content.decode(),
    ]
    pages += [ma.get(reverse("patients:edit", args=[row.id])).content.decode(), provider.post(reveal).content.decode()]
    for page in pages:
        if "<" in nasty:
            assert nasty.lower() not in page.lower()
        assert "onerror=alert" not in page.lower().replace("onerror=alert(1)&gt;", "")
        assert ">49<" not in page


def warned(answer: object) -> str:
    assert answer.status_code == 422  # type: ignore[attr-defined]
    page: str = answer.content.decode()  # type: ignore[attr-defined]
    assert "Nothing was saved yet" in page
    return page


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found
    return found.group(1)


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(
        cast.highland, first_name="Jane", last_name="Doe", date_of_birth=date(1965, 3, 12), mrn="MRN-00042", phone=""
    )


def test_a_similar_patient_is_named_with_a_link_before_anything_is_saved(ma: Client, jane: UUID) -> None:
    page = warned(ma.post(URL, {**NEW, "first_name": "Jnae", "ssn": "123-45-6789"}))
    for shown in (reverse("patients:chart", args=[jane]), "DOE, JANE", "1965-03-12", "MRN-00042", "similar name"):
        assert shown in page
    assert "Springfield" in page
    assert "6789" not in told(page)
    assert Patient._base_manager.count() == 1
    assert AuditLog.objects.get(action="patient.duplicate_check").subject_id == jane


def test_without_a_reason_nobody_is_added(ma: Client, jane: UUID) -> None:
    page = warned(ma.post(URL, NEW))
    again = warned(ma.post(URL, {**NEW, "seen": seen_in(page), "duplicate_reason": " "}))
    assert "Say why this is another person" in again
    assert Patient._base_manager.count() == 1


def test_with_a_reason_the_patient_is_added_and_the_log_keeps_it(ma: Client, jane: UUID) -> None:
    page = warned(ma.post(URL, NEW))
    assert ma.post(URL, {**NEW, "seen": seen_in(page), "duplicate_reason": "Twin sister"}).status_code == 302
    row = AuditLog.objects.filter(action="patient.create").latest("sequence")
    assert open_detail(row)["reason"] == "Twin sister"
    assert Patient._base_manager.count() == 2


def test_a_reason_holds_for_those_who_were_shown_only(cast: Cast, ma: Client, jane: UUID) -> None:
    other = enrol_patient(cast.highland, first_name="Sam", last_name="Okafor", date_of_birth=date(1950, 1, 1))
    page = warned(ma.post(URL, NEW))
    changed = {**NEW, "first_name": "Sam", "last_name": "Okafor", "date_of_birth": "1950-01-01"}
    again = warned(ma.post(URL, {**changed, "seen": seen_in(page), "duplicate_reason": "Twin sister"}))
    assert "OKAFOR, SAM" in again
    assert seen_in(again) == str(other)


def test_an_archived_one_is_marked_and_other_practices_never_appear(cast: Cast, ma: Client, jane: UUID) -> None:
    from django.utils import timezone

    from apps.core.care.services import archive_patient

    enrol_patient(cast.lakeside, first_name="Jane", last_name="Doe", date_of_birth=date(1965, 3, 12), mrn="LAKE-1")
    with cast.highland.scope():
        archive_patient(patient_id=jane, reason="Moved", by=cast.highland.actor("provider"), now=timezone.now())
    page = warned(ma.post(URL, NEW))
    assert "Archived: restore instead?" in page
    assert "LAKE-1" not in page


def test_nonsense_in_the_hidden_field_answers_for_nobody(ma: Client, jane: UUID) -> None:
    warned(ma.post(URL, {**NEW, "seen": "x' OR 1=1", "duplicate_reason": "Twin sister"}))
    assert Patient._base_manager.count() == 1

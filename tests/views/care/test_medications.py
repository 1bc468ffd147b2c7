"""The pages of medications: who may, what is kept when it is wrong, the chart's panel and the dialog."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.core.care.models import MedicationStatement
from apps.foundation.audit.models import AuditLog
from tests.cast import Cast
from tests.factories.medications import take
from tests.factories.patients import enrol_patient
from tests.factories.privacy import today_in

pytestmark = pytest.mark.django_db
NEW = {"name": "Metformin 500 mg", "dose": "twice a day", "instructions": "", "starts_on": "2026-03-01"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, first_name="Jane", last_name="Doe")


@pytest.fixture
def nurse(cast: Cast) -> Client:
    return cast.highland.client("nurse")


def page_of(name: str, *ids: UUID) -> str:
    return reverse(f"care:{name}", args=ids)


def test_nothing_recorded_does_not_mean_nothing_taken(nurse: Client, jane: UUID) -> None:
    assert "does not mean that none is taken" in nurse.get(page_of("medications", jane)).content.decode()


def test_a_medication_is_added_without_script(nurse: Client, jane: UUID) -> None:
    assert nurse.get(page_of("add_medication", jane)).status_code == 200
    answer = nurse.post(page_of("add_medication", jane), NEW)
    assert (answer.status_code, answer["Location"]) == (302, page_of("medications", jane))
    page = nurse.get(page_of("medications", jane)).content.decode()
    assert "Metformin 500 mg" in page and "twice a day" in page and "Mar 1, 2026" in page
    assert "Metformin" not in page.partition("<title>")[2].partition("</title>")[0]


def test_in_a_dialog_the_panel_comes_back_and_the_dialog_closes(nurse: Client, jane: UUID) -> None:
    asked = nurse.get(page_of("add_medication", jane), headers={**HTMX, "HX-Target": "dialog"})
    assert 'hx-target="#medications"' in asked.content.decode() and "<html" not in asked.content.decode()
    answer = nurse.post(page_of("add_medication", jane), NEW, headers={**HTMX, "HX-Target": "medications"})
    assert answer["HX-Trigger"] == "close-dialog"
    assert 'id="medications"' in answer.content.decode() and "<html" not in answer.content.decode()
    panel = nurse.get(page_of("medications", jane), headers={**HTMX, "HX-Target": "medications"})
    assert "<html" not in panel.content.decode()


def test_a_wrong_entry_names_its_field_and_keeps_what_was_typed(nurse: Client, jane: UUID) -> None:
    wrong = nurse.post(page_of("add_medication", jane), {**NEW, "starts_on": "2126-03-01"})
    page = wrong.content.decode()
    assert wrong.status_code == 422
    assert "Check the year" in page and "Metformin 500 mg" in page
    assert "Fill this in" in nurse.post(page_of("add_medication", jane), {**NEW, "name": " "}).content.decode()
    assert not MedicationStatement._base_manager.exists()


def test_a_dose_is_changed_and_a_medication_ended(cast: Cast, nurse: Client, jane: UUID) -> None:
    today = today_in(cast.highland)
    row = take(cast.highland, jane, since=today - timedelta(days=9))
    assert "1 tablet every morning" in nurse.get(page_of("change_medication", jane, row)).content.decode()
    same = {"dose": "1 tablet every morning", "instructions": "", "starts_on": today.isoformat(), "reason": "BP"}
    assert "Nothing is different" in nurse.post(page_of("change_medication", jane, row), same).content.decode()
    assert nurse.post(page_of("change_medication", jane, row), {**same, "dose": "2 tablets"}).status_code == 302
    page = nurse.get(page_of("medications", jane)).content.decode()
    assert "2 tablets" in page and "1 earlier medication or dose" in page
    new = MedicationStatement._base_manager.get(ends_on=None).id
    end = {"ends_on": (today - timedelta(days=1)).isoformat(), "reason": "Cough"}
    wrong = nurse.post(page_of("end_medication", jane, new), end)
    assert wrong.status_code == 422 and "before the first day" in wrong.content.decode()
    assert nurse.post(page_of("end_medication", jane, new), {**end, "ends_on": today.isoformat()}).status_code == 302
    assert list(
        AuditLog.objects.filter(action__startswith="medication.", subject_id=jane)
        .exclude(action="medication.read")
        .order_by("sequence")
        .values_list("action", flat=True)
    ) == [
        "medication.record",
        "medication.change",
        "medication.end",
    ]


def test_a_row_is_found_under_its_own_patient_and_practice_only(cast: Cast, nurse: Client, jane: UUID) -> None:
    row, other = take(cast.highland, jane), enrol_patient(cast.highland)
    for name in ("change_medication", "end_medication"):
        assert nurse.get(page_of(name, other, row)).status_code == 404
        assert cast.lakeside.client("nurse").get(page_of(name, jane, row)).status_code == 404
    for name in ("medications", "add_medication", "timeline", "newest_events", "ask_report", "report"):
        assert cast.lakeside.client("nurse").get(page_of(name, jane)).status_code == 404, name


def test_an_archived_record_offers_and_takes_nothing(cast: Cast, nurse: Client, jane: UUID) -> None:
    from apps.core.care.services import archive_patient

    take(cast.highland, jane)
    with cast.highland.scope():
        archive_patient(patient_id=jane, reason="Moved", by=cast.highland.actor("admin"), now=timezone.now())
    assert page_of("add_medication", jane) not in nurse.get(page_of("medications", jane)).content.decode()
    refused = nurse.post(page_of("add_medication", jane), NEW)
    assert refused.status_code == 422 and "read-only" in refused.content.decode()

"""Who saw one patient's chart: by people, as visits, with emergencies and their reasons, on the screen and on paper."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from pypdf import PdfReader

from apps.core.patients.selectors import get_patient
from apps.core.patients.types import EMERGENCY
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from tests.factories.patients import enrol_patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def jane(cast):
    patient = enrol_patient(cast.highland, first_name="Jane", last_name="Quillfeather", mrn="MRN-70003")
    with cast.highland.scope():
        get_patient(patient, by=replace(cast.highland.actor("nurse"), ip="10.0.0.7"))
        audit.record_disclosure("note.read", subjects=[("patient", patient)], by=cast.highland.actor("provider"))
    return patient


def page_of(patient, **asked):
    return reverse("monitoring:chart", args=[patient]), asked


def visits(cast, patient, **asked):
    answer = cast.highland.client("admin").get(*page_of(patient, **asked))
    assert answer.status_code == 200
    return answer.context["report"].visits


def test_people_stand_there_and_the_product_does_not(cast, jane):
    seen = visits(cast, jane)
    assert [(one.who, one.acts, one.ip) for one in seen] == [
        ("Provider of Highland Primary Care", ("Read notes",), ""),
        ("Nurse of Highland Primary Care", ("Read the record",), "10.0.0.7"),
    ]
    assert AuditLog.objects.filter(action="patient.create", subject_id=jane, actor_id=None).exists()


def test_a_list_that_showed_the_patient_counts(cast, jane):
    other = enrol_patient(cast.highland, last_name="Other")
    with cast.highland.scope():
        both = [("patient", other), ("patient", jane)]
        audit.record_disclosure("patient.list", subjects=both, by=cast.highland.actor("ma"))
    assert visits(cast, jane)[0].who == "Ma of Highland Primary Care"
    assert [one.who for one in visits(cast, other)] == ["Ma of Highland Primary Care"]


def test_looking_it_up_is_a_look_itself(cast, jane):
    visits(cast, jane)
    assert visits(cast, jane)[0].acts == ("Looked up who saw a chart",)
    row = AuditLog.objects.filter(action="audit.patient_report").latest("sequence")
    assert row.others.get().subject_id == jane


def test_an_emergency_is_marked_with_its_reason(cast, jane):
    nurse = cast.highland.actor("nurse")
    with cast.highland.scope():
        with audit.change("patient.emergency_access", subject=("patient", jane), by=nurse, reason="Found unconscious"):
            pass
        get_patient(jane, by=replace(nurse, circumstance=EMERGENCY))
    (visit, *_) = visits(cast, jane)
    assert (visit.is_emergency, visit.reason) == (True, "Found unconscious")
    text = cast.highland.client("admin").get(*page_of(jane)).content.decode()
    assert "Emergency access" in text
    assert "Found unconscious" in text


def test_a_period(cast, jane):
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date()
    assert visits(cast, jane, start=str(tomorrow)) == ()
    assert len(visits(cast, jane, end=str(tomorrow))) > 0
    wrong = cast.highland.client("admin").get(*page_of(jane, start="2026-02-02", end="2026-02-01"))
    assert (wrong.status_code, set(wrong.context["form"].errors)) == (422, {"end"})


def test_the_report_on_paper_names_nobody_in_the_files_own_words(cast, jane):
    from io import BytesIO

    answer = cast.highland.client("admin").get(reverse("monitoring:chart_pdf", args=[jane]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert "quillfeather" not in answer["Content-Disposition"].lower()
    paper = PdfReader(BytesIO(answer.content))
    text = "".join(page.extract_text() for page in paper.pages)
    assert "MRN-70003" in text
    assert "Nurse of Highland Primary Care" in text
    assert "quillfeather" not in str(paper.metadata).lower()
    assert AuditLog.objects.filter(action="audit.patient_print").count() == 1


def test_the_chart_leads_there_for_those_who_may(cast, jane):
    address, _ = page_of(jane)
    chart = reverse("patients:chart", args=[jane])
    assert address in cast.highland.client("admin").get(chart).content.decode()
    assert address not in cast.highland.client("nurse").get(chart).content.decode()
    assert cast.highland.client("nurse").get(address).status_code == 403


def test_a_deleted_record_still_has_its_trail(cast, jane):
    from apps.core.patients.models import Patient

    with cast.highland.scope(), audit.change("patient.delete", subject=("patient", jane), by=cast.highland.system):
        row = Patient.objects.get(id=jane)
        row.deleted_at = datetime.now(UTC)
        row.save()
    answer = cast.highland.client("admin").get(*page_of(jane))
    assert answer.status_code == 200
    assert "Quillfeather" not in answer.content.decode()

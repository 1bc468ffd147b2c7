"""The chart on paper: what stands in it, that its file names nobody, and that making it is recorded."""

import io
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from apps.core.care import selectors
from apps.core.observations.types import ReadingKind
from apps.foundation.audit.models import AuditLog
from tests.cast import Cast
from tests.factories.medications import take
from tests.factories.notes import sign_note
from tests.factories.patients import enrol_patient, give_device
from tests.factories.readings import pressure, reading, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def jane(cast: Cast) -> UUID:
    patient_id = enrol_patient(cast.highland, first_name="Jane", last_name="Doe")
    now = timezone.now()
    give_device(cast.highland, patient_id)
    take(cast.highland, patient_id)
    sign_note(cast.highland, patient_id, text="Sits still for five minutes now")
    with cast.highland.scope():
        send(patient_id, [pressure(now - timedelta(days=day, hours=1), 151, 93) for day in (3, 2, 1)], now)
        send(patient_id, [reading(ReadingKind.WEIGHT, now - timedelta(hours=2), "198.4", unit="lb")], now)
    return patient_id


def test_the_report_holds_what_a_visit_needs(cast: Cast, jane: UUID) -> None:
    provider = cast.highland.client("provider")
    answer = provider.get(reverse("care:report", args=[jane]), {"days": "30", "every_reading": "on"})
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (200, "application/pdf", "no-store")
    assert "DOE" not in answer["Content-Disposition"].upper()
    paper = PdfReader(io.BytesIO(answer.content))
    text = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    for shown in (
        "DOE, JANE",
        "Monitoring report",
        "151/93",
        "Lisinopril 10 mg",
        "Sits still for five minutes now",
        "not a validated clinical score",
        "198.4 lb",
        "≥ 140",
        "Every reading, day by day",
        "may read high on darker skin",
    ):
        assert shown in text, shown
    assert "DOE" not in str(paper.metadata).upper()
    assert AuditLog.objects.filter(action="patient.report", subject_id=jane).count() == 1


def test_nonsense_in_the_address_is_the_default(cast: Cast, jane: UUID) -> None:
    with cast.highland.scope():
        by, now = cast.highland.actor("nurse"), timezone.now()
        short = selectors.chart_report(jane, days=30, every_reading=False, by=by, now=now)
    assert short.days is None and short.period_days == 30
    assert [alert.is_open for alert in short.open_alerts] == [True]
    asked = cast.highland.client("nurse").get(reverse("care:report", args=[jane]), {"days": "9999"})
    assert asked.status_code == 200


def test_an_open_alert_is_never_left_out_and_what_is_cut_says_so(cast: Cast, jane: UUID, monkeypatch) -> None:
    with cast.highland.scope():
        now = timezone.now()
        send(jane, [reading(ReadingKind.SPO2, now - timedelta(minutes=5), "87")], now)
        by = cast.highland.actor("nurse")
        whole = selectors.chart_report(jane, days=30, every_reading=False, by=by, now=now)
        monkeypatch.setattr("apps.core.care.selectors.report.MOST_ALERTS", 1)
        short = selectors.chart_report(jane, days=30, every_reading=False, by=by, now=now)
    assert len(whole.open_alerts) > 1 and not whole.cut
    assert set(short.open_alerts) == set(whole.open_alerts) and short.cut == {"alerts"}
    answer = cast.highland.client("nurse").get(reverse("care:report", args=[jane]))
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    assert "The newest of the period. More stands in the chart." in " ".join(text.split())


def test_the_question_before_it(cast: Cast, jane: UUID) -> None:
    nurse, url = cast.highland.client("nurse"), reverse("care:ask_report", args=[jane])
    assert reverse("care:report", args=[jane]) in nurse.get(url).content.decode()
    assert url in nurse.get(reverse("patients:chart", args=[jane])).content.decode()


def test_an_empty_chart_has_a_report_too(cast: Cast) -> None:
    nobody = enrol_patient(cast.highland)
    answer = cast.highland.client("ma").get(reverse("care:report", args=[nobody]), {"every_reading": "on"})
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    assert "No data is not the same as normal" in " ".join(text.split())


def test_a_long_chart_asks_as_many_queries_as_a_short_one(cast: Cast, jane: UUID) -> None:
    def asked() -> int:
        by = cast.highland.actor("provider")
        with cast.highland.scope(), CaptureQueriesContext(connection) as found:
            selectors.chart_report(jane, days=90, every_reading=True, by=by, now=timezone.now())
        return len(found)

    once = asked()
    now = timezone.now()
    with cast.highland.scope():
        send(jane, [pressure(now - timedelta(days=day, hours=3), 120, 70, 66) for day in range(20)], now)
    for number in range(3):
        sign_note(cast.highland, jane, text=f"Note {number}")
        take(cast.highland, jane, f"Medication {number}")
    assert asked() == once

"""The timeline's pages: everything or one kind, older pages, the panel of the chart."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import Cast
from tests.factories.medications import take
from tests.factories.notes import sign_note
from tests.factories.patients import enrol_patient
from tests.factories.readings import pressure, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, first_name="Jane", last_name="Doe")


def test_it_is_narrowed_to_one_kind_and_nonsense_shows_everything(cast: Cast, jane: UUID) -> None:
    nurse, url = cast.highland.client("nurse"), reverse("care:timeline", args=[jane])
    assert "Nothing of this kind" in nurse.get(url).content.decode()
    take(cast.highland, jane)
    note = sign_note(cast.highland, jane, text="What the patient said")
    with cast.highland.scope():
        send(jane, [pressure(timezone.now(), 184, 122)], timezone.now())
    everything = nurse.get(url).content.decode()
    for shown in ("Lisinopril 10 mg", "What the patient said", "184/122", "alert opened", f"#note-{note}"):
        assert shown in everything
    assert nurse.get(url, {"kind": "nonsense", "until": "yesterday"}).content.decode().count("184/122") == 2
    for moment in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        assert nurse.get(url, {"until": moment}).status_code == 200
    medications = nurse.get(url, {"kind": "medication"}).content.decode()
    assert "Lisinopril 10 mg" in medications and "What the patient said" not in medications
    part = nurse.get(url, {"kind": "note"}, headers={"HX-Request": "true", "HX-Target": "list"}).content.decode()
    assert "<html" not in part and "What the patient said" in part


def test_older_pages_go_on_where_the_newer_one_ends(cast: Cast, jane: UUID) -> None:
    now = timezone.now()
    with cast.highland.scope():
        send(jane, [pressure(now - timedelta(hours=hour), 120, 70) for hour in range(1, 71)], now)
    nurse, url = cast.highland.client("nurse"), reverse("care:timeline", args=[jane])
    first = nurse.get(url)
    older = first.context["page"].older
    assert len(first.context["page"].events) == 60
    second = nurse.get(url, {"until": older.isoformat()})
    assert len(second.context["page"].events) == 10 and second.context["page"].older is None


def test_the_chart_has_the_newest(cast: Cast, jane: UUID) -> None:
    sign_note(cast.highland, jane, text="Told in short")
    url = reverse("care:newest_events", args=[jane])
    nurse = cast.highland.client("nurse")
    part = nurse.get(url, headers={"HX-Request": "true", "HX-Target": "timeline"}).content.decode()
    assert 'id="timeline"' in part and "Told in short" in part and "<html" not in part
    chart = nurse.get(reverse("patients:chart", args=[jane])).content.decode()
    assert f'hx-get="{url}"' in chart and reverse("care:timeline", args=[jane]) in chart

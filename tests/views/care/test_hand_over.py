"""The hand-over as people use it: from the row, the list, done, and without JavaScript."""

from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.core.care.models import HandOverItem
from apps.core.care.services import archive_patient
from tests.cast import Cast
from tests.factories.patients import enrol_patient

HTMX = {"HX-Request": "true", "HX-Target": "dialog"}


@pytest.fixture
def patient(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, first_name="Sam", last_name="Okafor")


def add(patient_id: UUID) -> str:
    return reverse("care:add_hand_over", args=[patient_id])


def test_from_the_row_to_the_list_and_done(cast, patient):
    nurse, ma = cast.highland.client("nurse"), cast.highland.client("ma")
    dialog = nurse.get(add(patient), headers=HTMX).content.decode()
    assert "OKAFOR, SAM" in dialog
    assert "<html" not in dialog
    answer = nurse.post(add(patient), {"text": "Recheck <b>at</b> 20:00"}, headers=HTMX)
    assert answer.headers["HX-Trigger"] == "close-dialog"
    assert "Already on the list:" in nurse.get(add(patient), headers=HTMX).content.decode()
    page = ma.get("/patients/hand-over/").content.decode()
    assert "Recheck &lt;b&gt;at&lt;/b&gt; 20:00" in page
    assert "Nurse of Highland Primary Care" in page
    assert ">1<" in ma.get("/patients/hand-over/count/").content.decode()
    item = HandOverItem._base_manager.get()
    done = ma.post(reverse("care:finish_hand_over", args=[patient, item.id]), follow=True).content.decode()
    assert "Nothing was left" in done
    assert "done by Ma of Highland Primary Care" in done
    again = nurse.post(reverse("care:finish_hand_over", args=[patient, item.id]), follow=True).content.decode()
    assert "Done by Ma of Highland Primary Care" in again
    assert ">1<" not in ma.get("/patients/hand-over/count/").content.decode()


def test_an_empty_text_is_named_and_a_long_one_is_kept(cast, patient):
    nurse = cast.highland.client("nurse")
    empty = nurse.post(add(patient), {"text": " "}, headers=HTMX)
    assert empty.status_code == 422
    assert "Say what the next shift should look after." in empty.content.decode()
    long = nurse.post(add(patient), {"text": "y" * 501})
    assert long.status_code == 422
    assert "y" * 501 in long.content.decode()
    assert not HandOverItem._base_manager.exists()


def test_without_javascript_one_lands_on_the_list(cast, patient):
    answer = cast.highland.client("nurse").post(add(patient), {"text": "Send a new cuff"}, follow=True)
    assert answer.redirect_chain == [("/patients/hand-over/", 302)]
    assert "Send a new cuff" in answer.content.decode()


def test_an_archived_record_is_read_only_and_says_so(cast, patient):
    nurse = cast.highland.client("nurse")
    nurse.post(add(patient), {"text": "Send a new cuff"})
    item = HandOverItem._base_manager.get()
    with cast.highland.scope():
        archive_patient(patient_id=patient, reason="moved", by=cast.highland.actor("nurse"), now=timezone.now())
    answer = nurse.post(reverse("care:finish_hand_over", args=[patient, item.id]), follow=True)
    assert "archived and the record is read-only" in answer.content.decode()
    assert HandOverItem._base_manager.get().done_at is None


def test_another_practice_finds_nothing_and_a_patient_is_refused(cast, patient):
    cast.highland.client("nurse").post(add(patient), {"text": "x"})
    item = HandOverItem._base_manager.get()
    done = reverse("care:finish_hand_over", args=[patient, item.id])
    assert cast.lakeside.client("nurse").get(add(patient)).status_code == 404
    assert cast.lakeside.client("nurse").post(done).status_code == 404
    assert "OKAFOR" not in cast.lakeside.client("nurse").get("/patients/hand-over/").content.decode()
    for where in (add(patient), "/patients/hand-over/"):
        assert cast.highland.client("patient").get(where).status_code == 403

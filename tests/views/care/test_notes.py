"""The pages of notes: what is typed is never lost, who may do what, and one disclosure row a page."""

from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from apps.core.care.models import Note
from apps.core.care.types import NoteKind
from apps.foundation.audit.models import AuditLog
from tests.cast import Cast
from tests.factories.notes import TEXT, add_to_note, import_note, sign_note
from tests.factories.patients import enrol_patient

pytestmark = pytest.mark.django_db
TEAM = ["admin", "clinical_manager", "provider", "nurse", "ma", "data_monitor", "biller"]


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, first_name="Jane", last_name="Doe")


@pytest.fixture
def nurse(cast: Cast) -> Client:
    return cast.highland.client("nurse")


@pytest.fixture
def provider(cast: Cast) -> Client:
    return cast.highland.client("provider")


def page_of(name: str, *ids: UUID) -> str:
    return reverse(f"care:{name}", args=ids)


def read_by(user: UUID) -> list[str]:
    return list(AuditLog.objects.filter(actor_id=user).order_by("sequence").values_list("action", flat=True))


def test_notes_are_shown_newest_first_with_their_addenda(cast, nurse, jane):
    old = sign_note(cast.highland, jane, text="The older one", kind=NoteKind.PHONE_CALL)
    sign_note(cast.highland, jane, text="The newer one", role="ma")
    add_to_note(cast.highland, jane, old, text="What was forgotten")
    import_note(cast.highland, jane, text="From outside")
    text = nurse.get(page_of("notes", jane)).content.decode()
    assert text.index("From outside") < text.index("The newer one") < text.index("The older one")
    assert text.index("The older one") < text.index("What was forgotten")
    assert "written in the EMR" in text
    assert "Ma of Highland Primary Care" in text
    calls = nurse.get(page_of("notes", jane), {"kind": "phone_call"}).content.decode()
    assert "The older one" in calls
    assert "The newer one" not in calls


def test_reading_leaves_one_row_a_page(cast, nurse, jane):
    sign_note(cast.highland, jane, role="ma")
    nurse.get(page_of("notes", jane))
    nurse.get(page_of("newest_notes", jane))
    assert read_by(cast.highland.people["nurse"]) == ["note.read", "note.read"]
    assert {(row.subject_type, row.subject_id) for row in AuditLog.objects.filter(action="note.read")} == {
        ("patient", jane)
    }


def test_the_overview_shows_the_newest_three(cast, nurse, jane):
    for number in range(5):
        sign_note(cast.highland, jane, text=f"Note number {number}")
    chart = nurse.get(reverse("patients:chart", args=[jane])).content.decode()
    assert page_of("newest_notes", jane) in chart
    headers = {"HX-Request": "true", "HX-Target": "notes"}
    panel = nurse.get(page_of("newest_notes", jane), headers=headers).content.decode()
    assert "<html" not in panel
    assert [number for number in range(5) if f"Note number {number}" in panel] == [2, 3, 4]


def test_a_form_shows_the_patient_and_says_so_in_the_log_and_an_act_is_one_row(cast, nurse, jane):
    def latest(count: int) -> list[str]:
        return read_by(cast.highland.people["nurse"])[-count:]

    nurse.get(page_of("write_note", jane))
    nurse.post(page_of("write_note", jane), {"kind": "progress", "text": TEXT})
    assert latest(3) == ["patient.chart", "note.write"]
    note_id = Note._base_manager.get().id
    nurse.get(page_of("addend_note", jane, note_id))
    nurse.post(page_of("addend_note", jane, note_id), {"text": "More"})
    assert latest(3) == ["note.write", "note.read", "note.addend"]
    asked = {"of_id": str(cast.highland.people["provider"])}
    nurse.post(page_of("ask_cosign", jane, note_id), asked)
    assert latest(2) == ["note.addend", "note.cosign_ask"]


@pytest.mark.parametrize("role", TEAM)
def test_the_whole_team_writes_and_reads(cast, jane, role):
    client = cast.highland.client(role)
    answer = client.post(page_of("write_note", jane), {"kind": "progress", "text": TEXT})
    assert answer.status_code == 302
    assert TEXT in client.get(answer["Location"]).content.decode()
    assert Note._base_manager.get().author_id == cast.highland.people[role]


def test_a_patient_neither_reads_nor_writes(cast, jane):
    client = cast.highland.client("patient")
    for name in ("notes", "newest_notes", "write_note"):
        assert client.get(page_of(name, jane)).status_code == 403
    assert client.post(page_of("write_note", jane), {"kind": "progress", "text": TEXT}).status_code == 403
    assert not Note._base_manager.exists()


def test_a_template_fills_in_its_questions_below_what_was_typed(nurse, jane):
    page = nurse.post(page_of("write_note", jane), {"insert": "call_reached", "text": "She called first."})
    text = page.content.decode()
    assert page.status_code == 200
    assert "She called first." in text
    assert text.index("She called first.") < text.index("Advice given:")
    assert '<option value="phone_call" selected>' in text
    assert 'name="template" value="call_reached"' in text
    assert not Note._base_manager.exists()
    fragment = nurse.post(
        page_of("write_note", jane),
        {"insert": "vitals_review", "text": ""},
        headers={"HX-Request": "true", "HX-Target": "entry"},
    ).content.decode()
    assert fragment.lstrip().startswith('<form class="form" id="entry"')


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": "x" * 10_001}, "A note holds 10,000 characters; this one has 10,001."),
        ({"kind": "from_emr"}, "Select a valid choice"),
        ({"cosign_asked_of": "8f14e45f-ceea-467f-a9d0-000000000000"}, "Select a valid choice"),
    ],
)
def test_an_error_loses_nothing_typed(nurse, jane, wrong, said):
    typed = {"kind": "education", "text": "Line one\r\nLine two", "template": "education"} | wrong
    answer = nurse.post(page_of("write_note", jane), typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    assert typed["text"].splitlines()[0] in text
    assert not Note._base_manager.exists()


def test_an_empty_note_is_not_signed(nurse, jane):
    answer = nurse.post(page_of("write_note", jane), {"kind": "progress", "text": " \n "})
    assert answer.status_code == 422
    assert "Write what happened" in answer.content.decode()


def test_line_breaks_stand_and_markup_is_text(nurse, jane):
    nurse.post(page_of("write_note", jane), {"kind": "progress", "text": "One\r\n<script>alert(1)</script>"})
    text = nurse.get(page_of("notes", jane)).content.decode()
    assert "One\n&lt;script&gt;" in text


def test_a_co_signature_from_asking_to_signing(cast, nurse, provider, jane):
    asked = {"kind": "progress", "text": TEXT, "cosign_asked_of": str(cast.highland.people["provider"])}
    nurse.post(page_of("write_note", jane), asked)
    note_id = Note._base_manager.get().id
    assert "Waits for the co-signature of Provider of Highland" in nurse.get(page_of("notes", jane)).content.decode()
    assert page_of("to_cosign") in provider.get(reverse("patients:list")).content.decode()
    headers = {"HX-Request": "true", "HX-Target": "cosignlink"}
    assert '<span class="count">1</span>' in provider.get(page_of("cosign_count"), headers=headers).content.decode()
    queue = provider.get(page_of("to_cosign")).content.decode()
    assert TEXT in queue
    assert "DOE, JANE" in queue
    signed = provider.post(page_of("cosign", jane, note_id), {"origin": "queue"}, follow=True)
    assert signed.redirect_chain == [(page_of("to_cosign"), 302)]
    assert "Nothing to co-sign" in signed.content.decode()
    assert "Co-signed by Provider of Highland" in nurse.get(page_of("notes", jane)).content.decode()
    again = provider.post(page_of("cosign", jane, note_id), follow=True).content.decode()
    assert "already. Nothing was changed." in again


@pytest.mark.parametrize("role", ["nurse", "ma", "data_monitor", "admin", "patient"])
def test_who_may_not_co_sign_is_offered_nothing_and_refused(cast, jane, role):
    note_id = sign_note(cast.highland, jane, role="biller")
    client = cast.highland.client(role)
    assert client.get(page_of("to_cosign")).status_code == 403
    assert client.get(page_of("cosign_count")).status_code == 403
    assert client.post(page_of("cosign", jane, note_id)).status_code == 403
    if role != "patient":
        assert page_of("cosign", jane, note_id) not in client.get(page_of("notes", jane)).content.decode()
    assert Note._base_manager.get().cosigned_at is None


def test_one_may_not_co_sign_ones_own(cast, provider, jane):
    note_id = sign_note(cast.highland, jane, role="provider")
    assert page_of("cosign", jane, note_id) not in provider.get(page_of("notes", jane)).content.decode()
    answer = provider.post(page_of("cosign", jane, note_id), follow=True)
    assert "somebody else has to co-sign it" in answer.content.decode()


def test_asking_later(cast, nurse, jane):
    note_id = sign_note(cast.highland, jane)
    form = nurse.get(page_of("ask_cosign", jane, note_id)).content.decode()
    assert "Clinical Manager of Highland" in form
    assert "Ma of Highland Primary Care" not in form
    person = str(cast.highland.people["clinical_manager"])
    assert nurse.post(page_of("ask_cosign", jane, note_id), {"of_id": person}).status_code == 302
    assert cast.highland.client("ma").post(page_of("ask_cosign", jane, note_id), {"of_id": person}).status_code == 422


def test_an_addendum(cast, nurse, jane):
    note_id = sign_note(cast.highland, jane, role="provider")
    form = nurse.get(page_of("addend_note", jane, note_id))
    assert TEXT in form.content.decode()
    too_long = nurse.post(page_of("addend_note", jane, note_id), {"text": "y" * 10_001})
    assert too_long.status_code == 422
    assert "y" * 10_001 in too_long.content.decode()
    assert nurse.post(page_of("addend_note", jane, note_id), {"text": "More"}).status_code == 302
    assert Note._base_manager.filter(addendum_to_id=note_id).count() == 1


def test_an_archived_record_offers_nothing_and_keeps_what_was_typed(cast, nurse, provider, jane):
    from django.utils import timezone

    from apps.core.care.services import archive_patient

    note_id = sign_note(cast.highland, jane, role="ma")
    with cast.highland.scope():
        archive_patient(patient_id=jane, reason="Moved", by=cast.highland.actor("provider"), now=timezone.now())
    text = provider.get(page_of("notes", jane)).content.decode()
    assert TEXT in text
    for name, ids in (("write_note", (jane,)), ("addend_note", (jane, note_id)), ("cosign", (jane, note_id))):
        assert page_of(name, *ids) not in text
    refused = nurse.post(page_of("addend_note", jane, note_id), {"text": "Typed before it was archived"})
    assert refused.status_code == 422
    assert "Typed before it was archived" in refused.content.decode()
    refused = nurse.post(page_of("write_note", jane), {"kind": "progress", "text": "Typed by somebody slow"})
    assert refused.status_code == 422
    assert "Typed by somebody slow" in refused.content.decode()
    assert "read-only" in provider.post(page_of("cosign", jane, note_id), follow=True).content.decode()
    assert Note._base_manager.count() == 1

"""Notes: signed by saving, never edited, added to, co-signed by somebody else; each act is one audit row."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apps.core.care import selectors
from apps.core.care import services as care
from apps.core.care.models import Note
from apps.core.care.rules.notes import TEXT_MAX, clean_text, text_fault, with_skeleton, without_unanswered
from apps.core.care.selectors.note_templates import all_questions, all_skeletons, answered, skeleton_of
from apps.core.care.types import AlreadyCosigned, CosignRefused, InvalidNote, NoteKind, NoteTemplate, SignedNote
from apps.core.patients.types import InvalidPatient, NotFound
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from apps.foundation.notifications.models import Notification
from apps.foundation.tenancy.types import NotPermitted
from tests.cast import Cast
from tests.factories.notes import TEXT, add_to_note, import_note, sign_note
from tests.factories.patients import enrol_patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(cast.highland, first_name="Jane", last_name="Doe")


def rows(action: str) -> list[AuditLog]:
    return list(AuditLog.objects.filter(action=action).order_by("sequence"))


def shown(cast: Cast, patient_id: UUID, **asked):
    with cast.highland.scope():
        return selectors.notes_of(patient_id, by=cast.highland.actor("nurse"), **asked)


def archive(cast: Cast, patient_id: UUID) -> None:
    with cast.highland.scope():
        care.archive_patient(
            patient_id=patient_id, reason="Moved", by=cast.highland.actor("provider"), now=timezone.now()
        )


def test_a_note_is_signed_by_its_author_and_leaves_one_row(cast, jane):
    before = AuditLog.objects.count()
    note_id = sign_note(cast.highland, jane, kind=NoteKind.PHONE_CALL, template=NoteTemplate.CALL_REACHED.value)
    assert AuditLog.objects.count() == before + 1
    (row,) = rows("note.write")
    assert (row.subject_type, row.subject_id) == ("patient", jane)
    (written,) = [one for one in open_detail(row)["rows"] if one["model"] == "care.note"]
    assert written["before"] == {}
    assert written["after"]["text"] == TEXT
    (note,) = shown(cast, jane).rows
    assert (note.id, note.text, note.kind, note.title) == (note_id, TEXT, NoteKind.PHONE_CALL, "Phone call, reached")
    assert note.author_name == "Nurse of Highland Primary Care"


def test_the_text_is_sealed(cast, jane):
    sign_note(cast.highland, jane, text="Zyxkoniglampe")
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM care_note")
        ((stored,),) = cursor.fetchall()
    assert "Zyxkoniglampe" not in stored


def test_a_signed_note_is_neither_edited_nor_deleted(cast, jane):
    note_id = sign_note(cast.highland, jane)
    with cast.highland.scope(), audit.change("test", by=cast.highland.system):
        note = Note.objects.get(id=note_id)
        note.text = "Something else"
        with pytest.raises(SignedNote):
            note.save()
        with pytest.raises(SignedNote):
            note.delete()
        for column, value in (("author_id", cast.highland.people["ma"]), ("kind", "education")):
            note = Note.objects.get(id=note_id)
            setattr(note, column, value)
            with pytest.raises(SignedNote):
                note.save()
    assert shown(cast, jane).rows[0].text == TEXT


def test_addenda_stand_beneath_their_note_in_order(cast, jane):
    note_id = sign_note(cast.highland, jane)
    first = add_to_note(cast.highland, jane, note_id, text="First")
    second = add_to_note(cast.highland, jane, note_id, role="ma", text="Second")
    to_the_addendum = add_to_note(cast.highland, jane, first, role="provider", text="Third")
    page = shown(cast, jane)
    assert page.total == 1
    (note,) = page.rows
    assert [one.id for one in note.addenda] == [first, second, to_the_addendum]
    assert [one.text for one in note.addenda] == ["First", "Second", "Third"]
    assert len(rows("note.addend")) == 3
    assert note.text == TEXT


def test_a_note_of_the_emr_has_no_author_and_only_gets_addenda(cast, jane):
    note_id = import_note(cast.highland, jane)
    add_to_note(cast.highland, jane, note_id)
    (note,) = shown(cast, jane).rows
    assert note.is_from_emr and note.author_name == "" and len(note.addenda) == 1
    assert note.addenda[0].kind is NoteKind.PROGRESS
    with cast.highland.scope(), pytest.raises(CosignRefused, match="from_emr"):
        care.cosign_note(note_id=note_id, patient_id=jane, by=cast.highland.actor("provider"), now=timezone.now())
    with cast.highland.scope(), pytest.raises(CosignRefused, match="not_author"):
        care.ask_cosignature(
            note_id=note_id, patient_id=jane, of_id=cast.highland.people["provider"], by=cast.highland.actor("nurse")
        )


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"text": "  \r\n "}, {"text": "required"}),
        ({"text": "x" * (TEXT_MAX + 1)}, {"text": "too_long"}),
        ({"kind": NoteKind.FROM_EMR}, {"kind": "unknown_choice"}),
        ({"kind": "gossip"}, {"kind": "unknown_choice"}),
        ({"template": "gossip"}, {"template": "unknown_choice"}),
        ({"cosign_asked_of": uuid4()}, {"cosign_asked_of": "unknown_choice"}),
    ],
)
def test_what_a_note_may_not_be(cast, jane, wrong, fault):
    entered = {"patient_id": jane, "text": TEXT, "kind": NoteKind.PROGRESS} | wrong
    before = AuditLog.objects.count()
    with cast.highland.scope(), pytest.raises(InvalidNote) as refusal:
        care.write_note(**entered, by=cast.highland.actor("nurse"), now=timezone.now())
    assert refusal.value.faults == fault
    assert AuditLog.objects.count() == before


def test_the_longest_note_fits(cast, jane):
    sign_note(cast.highland, jane, text="é" * TEXT_MAX)
    assert len(shown(cast, jane).rows[0].text) == TEXT_MAX


@pytest.mark.parametrize("role", ["provider", "clinical_manager"])
def test_whoever_is_asked_is_told_without_phi_and_co_signs(cast, jane, role):
    note_id = sign_note(cast.highland, jane, ask=role)
    told = Notification._base_manager.get(kind="cosign_request")
    assert (told.recipient_id, told.reference, told.practice_id) == (
        cast.highland.people[role],
        note_id,
        cast.highland.id,
    )
    by = cast.highland.actor(role)
    with cast.highland.scope():
        assert selectors.count_to_cosign(by=by) == 1
        (task,) = selectors.cosign_queue(by=by).rows
        assert (task.note.id, task.banner.last_name, task.adds_to) == (note_id, "Doe", None)
        care.cosign_note(note_id=note_id, patient_id=jane, by=by, now=timezone.now())
        assert selectors.count_to_cosign(by=by) == 0
    (row,) = rows("note.cosign")
    (change,) = open_detail(row)["rows"]
    assert change["before"] == {"cosigned_by_id": None, "cosigned_at": None}
    assert change["after"]["cosigned_by_id"] == str(cast.highland.people[role])
    assert shown(cast, jane).rows[0].cosigned_name.endswith("of Highland Primary Care")


def test_somebody_else_who_may_can_co_sign_too_and_only_once(cast, jane):
    note_id = sign_note(cast.highland, jane, ask="provider")
    with cast.highland.scope():
        care.cosign_note(
            note_id=note_id, patient_id=jane, by=cast.highland.actor("clinical_manager"), now=timezone.now()
        )
        with pytest.raises(AlreadyCosigned) as refusal:
            care.cosign_note(note_id=note_id, patient_id=jane, by=cast.highland.actor("provider"), now=timezone.now())
        assert refusal.value.by_id == cast.highland.people["clinical_manager"]
        assert selectors.count_to_cosign(by=cast.highland.actor("provider")) == 0
    assert len(rows("note.cosign")) == 1


def test_nobody_co_signs_their_own_note_or_asks_themself(cast, jane):
    note_id = sign_note(cast.highland, jane, role="provider")
    by = cast.highland.actor("provider")
    with cast.highland.scope():
        with pytest.raises(CosignRefused, match="own"):
            care.cosign_note(note_id=note_id, patient_id=jane, by=by, now=timezone.now())
        with pytest.raises(InvalidNote):
            care.ask_cosignature(note_id=note_id, patient_id=jane, of_id=by.user_id, by=by)
    assert not rows("note.cosign")


@pytest.mark.parametrize("role", ["nurse", "ma", "data_monitor", "admin"])
def test_who_may_not_co_sign(cast, jane, role):
    note_id = sign_note(cast.highland, jane, role="biller")
    with cast.highland.scope(), pytest.raises(NotPermitted):
        care.cosign_note(note_id=note_id, patient_id=jane, by=cast.highland.actor(role), now=timezone.now())
    with cast.highland.scope():
        asked = {one.id for one in selectors.cosigners(by=cast.highland.actor("nurse"))}
    assert cast.highland.people[role] not in asked


def test_an_author_asks_later_and_again(cast, jane):
    note_id = sign_note(cast.highland, jane)
    for role in ("provider", "clinical_manager"):
        with cast.highland.scope():
            care.ask_cosignature(
                note_id=note_id, patient_id=jane, of_id=cast.highland.people[role], by=cast.highland.actor("nurse")
            )
    with cast.highland.scope():
        assert selectors.count_to_cosign(by=cast.highland.actor("provider")) == 0
        assert selectors.count_to_cosign(by=cast.highland.actor("clinical_manager")) == 1
    assert len(rows("note.cosign_ask")) == 2
    assert Notification._base_manager.filter(kind="cosign_request").count() == 2


def test_the_queue_shows_what_an_addendum_adds_to_and_leaves_one_row(cast, jane):
    sam = enrol_patient(cast.highland, first_name="Sam", last_name="Okafor")
    note_id = sign_note(cast.highland, jane)
    add_to_note(cast.highland, jane, note_id, ask="provider")
    sign_note(cast.highland, sam, ask="provider")
    with cast.highland.scope():
        queue = selectors.cosign_queue(by=cast.highland.actor("provider"))
    assert [task.adds_to.id if task.adds_to else None for task in queue.rows] == [note_id, None]
    (row,) = rows("note.queue")
    assert {(one.subject_type, one.subject_id) for one in row.others.all()} == {("patient", jane), ("patient", sam)}


def test_an_archived_record_is_read_only(cast, jane):
    note_id = sign_note(cast.highland, jane, ask="provider")
    archive(cast, jane)
    provider = cast.highland.actor("provider")
    attempts = (
        lambda: sign_note(cast.highland, jane),
        lambda: add_to_note(cast.highland, jane, note_id),
        lambda: import_note(cast.highland, jane),
        lambda: care.cosign_note(note_id=note_id, patient_id=jane, by=provider, now=timezone.now()),
        lambda: care.ask_cosignature(
            note_id=note_id,
            patient_id=jane,
            of_id=cast.highland.people["clinical_manager"],
            by=cast.highland.actor("nurse"),
        ),
    )
    with cast.highland.scope():
        for attempt in attempts:
            with pytest.raises(InvalidPatient) as refusal:
                attempt()
            assert refusal.value.faults == {"status": "archived"}
        assert selectors.count_to_cosign(by=provider) == 0
    assert shown(cast, jane).total == 1
    assert len(rows("note.write")) == 1


def test_another_patients_note_is_not_found(cast, jane):
    sam = enrol_patient(cast.highland)
    note_id = sign_note(cast.highland, jane)
    by, now = cast.highland.actor("provider"), timezone.now()
    with cast.highland.scope():
        for attempt in (
            lambda: care.addend_note(note_id=note_id, patient_id=sam, text="x", by=by, now=now),
            lambda: care.cosign_note(note_id=note_id, patient_id=sam, by=by, now=now),
            lambda: selectors.get_note(note_id, sam, by=by),
            lambda: care.write_note(patient_id=uuid4(), text="x", kind=NoteKind.PROGRESS, by=by, now=now),
        ):
            with pytest.raises(NotFound):
                attempt()


def test_the_product_writes_no_note_of_its_own(cast, jane):
    with cast.highland.scope(), pytest.raises(NotPermitted):
        care.write_note(patient_id=jane, text=TEXT, kind=NoteKind.PROGRESS, by=cast.highland.system, now=timezone.now())


def test_pages_and_kinds(cast, jane):
    start = timezone.now() - timedelta(days=30)
    for day in range(25):
        kind = NoteKind.PHONE_CALL if day % 5 == 0 else NoteKind.PROGRESS
        sign_note(cast.highland, jane, text=f"Day {day}", kind=kind, at=start + timedelta(days=day))
    first, second = shown(cast, jane), shown(cast, jane, page=2)
    assert (first.total, first.pages, len(first.rows), len(second.rows)) == (25, 2, 20, 5)
    assert [note.text for note in first.rows][:2] == ["Day 24", "Day 23"]
    assert second.rows[-1].text == "Day 0"
    assert shown(cast, jane, kind=NoteKind.PHONE_CALL).total == 5
    assert len(rows("note.read")) == 3


def test_as_many_queries_for_many_notes_as_for_one(cast, jane):
    provider = cast.highland.actor("provider")

    def queries() -> tuple[int, int]:
        counted = []
        for look in (lambda: selectors.notes_of(jane, by=provider), lambda: selectors.cosign_queue(by=provider)):
            with cast.highland.scope(), CaptureQueriesContext(connection) as seen:
                look()
            counted.append(len(seen))
        return counted[0], counted[1]

    note_id = sign_note(cast.highland, jane, ask="provider")
    add_to_note(cast.highland, jane, note_id, ask="provider")
    sign_note(cast.highland, enrol_patient(cast.highland), ask="provider")
    few = queries()
    for _number in range(8):
        patient_id = enrol_patient(cast.highland)
        for role in ("nurse", "ma", "data_monitor"):
            add_to_note(
                cast.highland, patient_id, sign_note(cast.highland, patient_id, role=role, ask="provider"), role=role
            )
        note_id = sign_note(cast.highland, jane, ask="provider")
        add_to_note(cast.highland, jane, note_id, ask="provider")
    assert queries() == few


@given(st.text(max_size=200))
def test_cleaning_is_done_once(text):
    assert clean_text(clean_text(text)) == clean_text(text)
    assert "\r" not in clean_text(text)
    assert bool(text_fault(clean_text(text))) == (not clean_text(text))


@given(st.text(max_size=200))
def test_a_template_never_loses_what_was_typed(typed):
    started = with_skeleton(typed, "Question: ", all_skeletons())
    assert started.endswith("Question: ")
    assert started.startswith(clean_text(typed))


def test_a_template_takes_the_place_of_one_that_nobody_touched():
    untouched = skeleton_of(NoteTemplate.CALL_REACHED)
    other = skeleton_of(NoteTemplate.VITALS_REVIEW)
    assert with_skeleton(untouched.replace("\n", "\r\n"), other, all_skeletons()) == other
    filled = clean_text(f"{untouched}yes")
    assert with_skeleton(filled, other, all_skeletons()) == f"{filled}\n\n{other}"


def test_every_template_has_a_kind_a_name_and_questions_without_answers():
    for template in NoteTemplate:
        lines = skeleton_of(template).split("\n")
        assert len(lines) >= 4
        assert all(line.rstrip().endswith(":") for line in lines)


@pytest.mark.parametrize(
    ("written", "signed"),
    [
        ("One:\nTwo: yes\nThree:", "Two: yes"),
        ("One:\nyes, on its own line\nTwo:", "One:\nyes, on its own line"),
        ("One:\n\nyes, after a gap\n\nTwo:\n\nThree:", "One:\n\nyes, after a gap"),
        ("She called.\n\nOne:\nTwo:\n\nThree: no", "She called.\n\nThree: no"),
        ("One:\nTwo:", ""),
        ("Before\n\n\n\nafter", "Before\n\n\n\nafter"),
        ("Somebody else's question:", "Somebody else's question:"),
    ],
)
def test_a_question_without_an_answer_is_not_signed(written, signed):
    assert without_unanswered(written, {"One:", "Two:", "Three:"}) == signed


@given(st.lists(st.sampled_from(sorted(all_questions())), max_size=6), st.text(max_size=80))
def test_no_answer_is_ever_lost(questions, typed):
    def words(text):
        return [line.strip() for line in text.split("\n") if line.strip() and line.strip() not in all_questions()]

    assert words(answered("\n".join([*questions, typed]))) == words(clean_text(typed))


def test_what_is_signed_holds_only_what_was_answered(cast, jane):
    nurse = cast.highland.actor("nurse")
    skeleton = skeleton_of(NoteTemplate.VITALS_REVIEW)
    with cast.highland.scope():
        care.write_note(
            patient_id=jane,
            text=skeleton.replace("Trend: ", "Trend: falling"),
            kind=NoteKind.PROGRESS,
            template=NoteTemplate.VITALS_REVIEW,
            by=nurse,
            now=timezone.now(),
        )
        assert Note.objects.get().text == "Trend: falling"
        with pytest.raises(InvalidNote):
            care.write_note(patient_id=jane, text=skeleton, kind=NoteKind.PROGRESS, by=nurse, now=timezone.now())

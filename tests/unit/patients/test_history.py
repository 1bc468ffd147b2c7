"""Every change of a record is one line of its history, masked; a value is shown only to who asks, and recorded."""

import ast
from datetime import date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import assume, given
from hypothesis import strategies as st

from apps.core.care import services as care
from apps.core.patients import selectors, services
from apps.core.patients.rules.history import HIDDEN_FIELDS, MASK, field_changes, group_of, masked, value_text
from apps.core.patients.selectors.wording import ACTION_LABELS, GROUP_LABELS, MODEL_LABELS
from apps.core.patients.types import FieldChange, NotFound, PatientHistory
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from apps.foundation.audit.types import RowChange
from apps.foundation.tenancy.types import NotPermitted
from tests.cast import Cast
from tests.factories.patients import enrol_patient, give_device
from tests.told import told

ROOT = Path(__file__).resolve().parents[3]
SUBJECTS = {"patient", "device", "threshold", "note"}
# Acts under these words that are about no patient's record.
NO_HISTORY = {"device.register"}
values = st.one_of(
    st.text(min_size=2, max_size=40),
    st.dates().map(date.isoformat),
    st.integers(min_value=10).map(str),
    st.lists(st.text(min_size=2, max_size=10), min_size=1, max_size=3),
    st.dictionaries(st.text(min_size=1, max_size=5), st.text(min_size=2, max_size=10), min_size=1, max_size=3),
)
fields = st.sampled_from(["first_name", "last_name", "subscriber_last_name", "phone", "ssn", "date_of_birth", "city"])


def history(cast: Cast, patient_id: UUID, person: str = "provider", **asked: object) -> PatientHistory:
    with cast.highland.scope():
        return selectors.patient_history(patient_id, by=cast.highland.actor(person), **asked)  # type: ignore[arg-type]


@pytest.fixture
def jane(cast: Cast) -> UUID:
    return enrol_patient(
        cast.highland,
        first_name="Jane",
        last_name="Doe",
        phone="+1 555 123 4567",
        ssn="123-45-6789",
        conditions=["hypertension"],
        address_lines=["1 Main St", "Unit 2"],
        by=cast.highland.actor("ma"),
    )


def change(cast: Cast, patient_id: UUID, person: str = "nurse", **changes: object) -> int:
    with cast.highland.scope():
        return services.change_patient(patient_id=patient_id, changes=changes, by=cast.highland.actor(person))


@given(fields, values)
def test_a_mask_never_holds_the_value(name: str, value: object) -> None:
    text = value_text(value)
    assume(len(text) > 1 and "•" not in text and not set(text) <= set(MASK + "-"))
    shown = masked(FieldChange("patient", name, None, value), text)
    assert text not in shown
    assert len(set(shown) - set("•-")) <= 1


@given(st.text(min_size=1, max_size=1))
def test_of_one_letter_nothing_is_left(letter: str) -> None:
    assert masked(FieldChange("patient", "first_name", None, letter), letter) == MASK


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("first_name", "Jane", "J•••"),
        ("last_name", "Doe", "D•••"),
        ("date_of_birth", "1965-03-12", "••••-••-••"),
        ("conditions", "hypertension", "•••"),
        ("gender", "female", "•••"),
        ("phone", "+1 555 123 4567", "•••"),
        ("phone", "", ""),
    ],
)
def test_masks(name: str, text: str, shown: str) -> None:
    assert masked(FieldChange("patient", name, None, text), text) == shown


def test_technical_rows_and_columns_are_left_out() -> None:
    rows = [
        RowChange("patients.searchtoken", "x", {}, {"tag": 1}),
        RowChange("patients.patient", "x", {}, dict.fromkeys(HIDDEN_FIELDS, "1") | {"phone": "555 1234"}),
    ]
    assert [change.name for change in field_changes(rows)] == ["phone"]


def test_sealed_json_is_told_field_by_field() -> None:
    row = RowChange(
        "patients.patient",
        "x",
        {"clinical_profile": {"conditions": ["copd"], "on_oxygen": False}},
        {"clinical_profile": {"conditions": ["copd", "diabetes"], "on_oxygen": False}},
    )
    (changed,) = field_changes([row])
    assert (changed.name, value_text(changed.before), value_text(changed.after)) == (
        "conditions",
        "copd",
        "copd, diabetes",
    )
    assert group_of(changed) == "clinical"


@pytest.mark.parametrize(
    ("row", "secret"),
    [
        (RowChange("patients.patient", "x", {"ssn": ""}, {"ssn": "1"}), True),
        (RowChange("patients.externalidentifier", "x", {}, {"type": "SS", "value": "1"}), True),
        (RowChange("patients.externalidentifier", "x", {"type": "SS", "value": "1"}, {}), True),
        (RowChange("patients.externalidentifier", "x", {"value": "0"}, {"value": "1"}), True),
        (RowChange("patients.externalidentifier", "x", {}, {"type": "PT", "value": "1"}), False),
        (RowChange("patients.patient", "x", {"phone": ""}, {"phone": "1"}), False),
    ],
)
def test_an_ssn_is_known_for_one_wherever_it_stands(row: RowChange, secret: bool) -> None:
    by_name = {change.name: change for change in field_changes([row])}
    assert (by_name.get("value") or by_name.get("ssn") or by_name["phone"]).is_social_security is secret


def test_the_history_says_who_did_what_and_which_fields(cast: Cast, jane: UUID) -> None:
    change(cast, jane, phone="+1 555 999 0000", last_name="Miller")
    page = history(cast, jane)
    assert page.total == 2
    newest, oldest = page.lines
    assert (newest.who, newest.role, newest.act) == ("Nurse of Highland Primary Care", "nurse", "Changed particulars")
    assert {(one.label, one.before, one.after) for one in newest.changes} == {
        ("Last name", "D•••", "M•••"),
        ("Phone", "•••", "•••"),
    }
    assert (oldest.act, oldest.role) == ("Added the patient", "medical assistant")
    assert ("Date of birth", "", "••••-••-••") in {(one.label, one.before, one.after) for one in oldest.changes}


def test_no_value_stands_in_a_masked_history(cast: Cast, jane: UUID) -> None:
    change(cast, jane, phone="+1 555 999 0000")
    read = history(cast, jane).lines
    lines = told(repr([(line.who, line.role, line.act, line.reason, line.changes) for line in read]))
    for value in ("Jane", "Doe", "4567", "0000", "6789", "Main St", "hypertension", "1955", "female"):
        assert value not in lines


def test_a_look_is_one_row_and_another_practices_record_is_not_found(cast: Cast, jane: UUID) -> None:
    history(cast, jane)
    assert AuditLog.objects.filter(subject_id=jane).exclude(action="patient.create").count() == 1
    assert AuditLog.objects.filter(action="patient.history", subject_id=jane).count() == 1
    with cast.lakeside.scope(), pytest.raises(NotFound):
        selectors.patient_history(jane, by=cast.lakeside.actor("provider"))


def test_staff_see_no_history(cast: Cast, jane: UUID) -> None:
    with pytest.raises(NotPermitted):
        history(cast, jane, "ma")


def test_archiving_and_devices_are_part_of_it(cast: Cast, jane: UUID) -> None:
    device_id, _serial = give_device(cast.highland, jane)
    provider, admin = cast.highland.actor("provider"), cast.highland.actor("admin")
    with cast.highland.scope():
        services.release_device(device_id=device_id, at=timezone.now(), by=provider)
        care.archive_patient(patient_id=jane, reason="Discharged", by=provider, now=timezone.now())
        care.restore_patient(patient_id=jane, reason="Came back", by=admin)
    told = [(line.act, line.reason) for line in history(cast, jane).lines]
    assert told == [
        ("Restored the record", "Came back"),
        ("Archived the record", "Discharged"),
        ("Released a device", ""),
        ("Assigned a device", ""),
        ("Added the patient", ""),
    ]


def test_it_can_be_narrowed_to_a_field(cast: Cast, jane: UUID) -> None:
    change(cast, jane, phone="+1 555 999 0000", city="Ames")
    change(cast, jane, city="Boone")
    phones = history(cast, jane, group="phone")
    assert (phones.total, [[one.label for one in line.changes] for line in phones.lines]) == (2, [["Phone"], ["Phone"]])
    assert history(cast, jane, group="address").total == 3
    assert history(cast, jane, group="coverage").total == 0
    assert history(cast, jane, group="nonsense").total == 3


def test_a_page_costs_the_same_however_long_the_history(cast: Cast, jane: UUID) -> None:
    def queries(**asked: object) -> int:
        with CaptureQueriesContext(connection) as made:
            history(cast, jane, **asked)
        return len(made)

    change(cast, jane, city="Ames")
    one, narrowed = queries(), queries(group="address")
    for number in range(30):
        change(cast, jane, city=f"City{number}")
    assert (queries(), queries(group="address")) == (one, narrowed)
    assert history(cast, jane).pages == 2
    assert history(cast, jane, page=9).page == 2


def test_a_revealed_line_has_its_values_and_the_asking_is_recorded(cast: Cast, jane: UUID) -> None:
    provider_id = cast.highland.people["provider"]
    change(cast, jane, phone="+1 555 999 0000", assigned_provider_id=provider_id, gender="other")
    line = history(cast, jane).lines[0]
    with cast.highland.scope():
        revealed = selectors.reveal_history(jane, line.id, by=cast.highland.actor("nurse"))
    assert {(one.label, one.before, one.after) for one in revealed.changes} == {
        ("Phone", "+1 555 123 4567", "+1 555 999 0000"),
        ("Provider", "", "Provider of Highland Primary Care"),
        ("Gender", "Female", "Other"),
    }
    row = AuditLog.objects.get(action="patient.history_reveal")
    assert (row.subject_id, row.actor_id) == (jane, cast.highland.people["nurse"])
    assert open_detail(row) == {"entry": str(line.id)}


def test_what_somebody_wrote_is_revealed_as_it_was_written(cast: Cast, jane: UUID) -> None:
    written = "Smoker, unknown, other"
    with cast.highland.scope():
        by = cast.highland.actor("nurse")
        care.write_note(patient_id=jane, text=written, kind="progress", by=by, now=timezone.now())
        change(cast, jane, last_name="other", gender="other")
        named, note = selectors.patient_history(jane, by=by).lines[:2]
        assert written in {one.after for one in selectors.reveal_history(jane, note.id, by=by).changes}
        shown = {one.label: one.after for one in selectors.reveal_history(jane, named.id, by=by).changes}
    assert (shown["Last name"], shown["Gender"]) == ("other", "Other")


@pytest.mark.parametrize(("person", "seen"), [("nurse", "•••"), ("provider", "123-45-6789")])
def test_of_an_ssn_the_mask_stays_for_those_who_may_not_reveal_it(
    cast: Cast, jane: UUID, person: str, seen: str
) -> None:
    line = history(cast, jane).lines[-1]
    with cast.highland.scope():
        revealed = selectors.reveal_history(jane, line.id, by=cast.highland.actor(person))
    assert {one.label: one.after for one in revealed.changes}["SSN"] == seen


def test_only_an_act_of_this_record_can_be_revealed(cast: Cast, jane: UUID) -> None:
    sam = enrol_patient(cast.highland, first_name="Sam", last_name="Okafor")
    of_sam = AuditLog.objects.get(action="patient.create", subject_id=sam).id
    history(cast, jane)
    a_look = AuditLog.objects.get(action="patient.history").id
    for entry_id in (of_sam, a_look, uuid4()):
        with cast.highland.scope(), pytest.raises(NotFound):
            selectors.reveal_history(jane, entry_id, by=cast.highland.actor("provider"))
    assert not AuditLog.objects.filter(action="patient.history_reveal").exists()


def test_the_last_change_is_known_to_every_reader(cast: Cast, jane: UUID) -> None:
    change(cast, jane, city="Ames")
    with cast.highland.scope():
        last = selectors.last_change(jane, by=cast.highland.actor("ma"))
    assert last is not None
    assert (last.who, last.role) == ("Nurse of Highland Primary Care", "nurse")
    assert isinstance(last.at, datetime)


def test_every_act_about_a_record_has_words() -> None:
    """Whoever adds an act names it in ACTION_LABELS, or it would be missing from the history without a word."""
    assert not {action for action in acts_in_code() if action not in ACTION_LABELS} - NO_HISTORY
    assert set(MODEL_LABELS) < set(GROUP_LABELS)


def acts_in_code() -> set[str]:
    """What audit.change and the rows of an audit.batch are called, wherever they are written."""
    found = set()
    for path in (ROOT / "apps").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            named = node.args[:1] if node.func.attr == "change" else []
            if node.func.attr == "add":
                named = [keyword.value for keyword in node.keywords if keyword.arg == "action"]
            found |= {str(one.value) for one in named if isinstance(one, ast.Constant)}
    kept = {action for action in found if action.partition(".")[0] in SUBJECTS}
    assert len(kept) > 10, "the acts were not found"
    return kept

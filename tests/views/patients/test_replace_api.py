"""`PUT /api/v1/patients/{uuid}/`: full replacement, what it keeps, and two people who change at once."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from apps.authentication.types import Role
from apps.core.patients.models import Patient
from tests.cast import Cast
from tests.factories.patients import enrol_patient
from tests.views.patients.test_create_api import NEVER_HIS
from tests.views.patients.wire import JSON, PROBLEM, ROBERT, Trail, create, errors_of, one, replace


@pytest.fixture
def nurse(cast: Cast) -> Client:
    return cast.highland.client("nurse")


@pytest.fixture
def patient(cast: Cast) -> UUID:
    return enrol_patient(
        cast.highland,
        first_name="Jane",
        last_name="Doe",
        mrn="MRN-00042",
        phone="+1-555-0101",
        email="jane.doe@email.com",
        address_lines=("123 Main St", "Apt 4B", "Rear house"),
        city="Springfield",
        state="IL",
        postal_code="62704",
        external_id="ECW-98765",
        ssn="078-05-1120",
        conditions=["copd"],
        on_oxygen=True,
        assigned_provider_id=cast.highland.people["provider"],
    )


def stored(cast: Cast, patient: UUID) -> Patient:
    with cast.highland.scope():
        row: Patient = Patient.objects.get(id=patient)
    return row


def test_everything_the_body_says_and_one_row(cast: Cast, nurse: Client, patient: UUID) -> None:
    trail = Trail(cast.highland)
    answer = replace(nurse, patient)
    assert (answer.status_code, answer["ETag"], answer["Content-Type"]) == (200, '"2"', JSON)
    changed = answer.json()
    assert (changed["first_name"], changed["phone"], changed["address"]["zip"]) == ("Robert", "+1-555-0199", "60614")
    assert (changed["mrn"], changed["external_id"], changed["version"]) == ("MRN-00042", "ECW-98765", 2)
    row = trail.only("patient.change", patient)
    before, after = (row.opened_detail()["rows"][0][side] for side in ("before", "after"))
    assert (before["first_name"], after["first_name"]) == ("Jane", "Robert")
    assert nurse.get(one(patient)).json() == changed


def test_what_is_left_out_becomes_empty(nurse: Client, patient: UUID) -> None:
    changed = replace(nurse, patient, phone=..., email=..., address=...).json()
    assert (changed["phone"], changed["email"], changed["address"]["line"]) == (None, None, [])
    assert (changed["address"]["city"], changed["address"]["state"], changed["address"]["zip"]) == (None, None, None)


def test_what_the_api_does_not_know_is_kept(cast: Cast, nurse: Client, patient: UUID) -> None:
    replace(nurse, patient)
    row = stored(cast, patient)
    assert (row.ssn, row.conditions, row.clinical_flag("on_oxygen")) == ("078-05-1120", ("copd",), True)
    assert row.assigned_provider_id == cast.highland.people["provider"]


def test_lines_from_the_third_on_survive_only_where_line_is_sent(nurse: Client, patient: UUID) -> None:
    own = nurse.get(one(patient)).json()["address"]
    kept = replace(nurse, patient, address=own).json()["address"]
    assert kept == own
    in_pa_form = {name: own[name] for name in ("line1", "line2", "city", "state", "zip")}
    assert replace(nurse, patient, address=in_pa_form).json()["address"]["line"] == ["123 Main St", "Apt 4B"]


@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_external_id_or_ssn_takes_it_away(cast: Cast, nurse: Client, patient: UUID, empty: Any) -> None:
    assert replace(nurse, patient, external_id=empty, ssn=empty).json()["external_id"] is None
    assert stored(cast, patient).ssn == ""
    assert nurse.get("/api/v1/patients/", {"q": "ECW-98765"}).json()["count"] == 0


def test_an_empty_mrn_is_kept_and_a_new_one_taken(nurse: Client, patient: UUID) -> None:
    assert replace(nurse, patient, mrn=None).json()["mrn"] == "MRN-00042"
    assert replace(nurse, patient, mrn="").json()["mrn"] == "MRN-00042"
    assert replace(nurse, patient, mrn="MRN-00043").json()["mrn"] == "MRN-00043"
    assert nurse.get("/api/v1/patients/", {"q": "MRN-00042"}).json()["count"] == 0
    assert nurse.get("/api/v1/patients/", {"q": "MRN-00043"}).json()["count"] == 1


def test_an_old_version_is_refused_with_the_newer_one(cast: Cast, nurse: Client, patient: UUID) -> None:
    read = nurse.get(one(patient)).json()["version"]
    assert replace(nurse, patient, version=read).status_code == 200
    trail = Trail(cast.highland)
    answer = replace(nurse, patient, version=read, first_name="Second")
    assert errors_of(answer, 409) == set()
    assert answer.json()["current_version"] == read + 1
    assert not trail.rows()
    assert stored(cast, patient).first_name == "Robert"


@pytest.mark.parametrize("tag", ['"1"', '"7", "1"', "*"])
def test_if_match_that_matches(nurse: Client, patient: UUID, tag: str) -> None:
    assert replace(nurse, patient, {"If-Match": tag}).status_code == 200


@pytest.mark.parametrize("tag", ['"2"', '"7", "8"', 'W/"1"', "1", "nonsense", ""])
def test_if_match_that_does_not(cast: Cast, nurse: Client, patient: UUID, tag: str) -> None:
    answer = replace(nurse, patient, {"If-Match": tag})
    assert errors_of(answer, 412) == set()
    assert answer.json()["current_version"] == 1
    assert stored(cast, patient).first_name == "Jane"


def test_if_match_and_version_that_differ(nurse: Client, patient: UUID) -> None:
    assert errors_of(replace(nurse, patient, {"If-Match": '"1"'}, version=2)) == {"version"}
    assert replace(nurse, patient, {"If-Match": '"1"'}, version=1).status_code == 200


def test_an_archived_patient_is_read_only(cast: Cast, nurse: Client, patient: UUID) -> None:
    nurse.post(f"{one(patient)}archive/", {"reason": "goals met"}, content_type=JSON)
    trail = Trail(cast.highland)
    assert errors_of(replace(nurse, patient), 409) == {"status"}
    assert not trail.rows()
    assert stored(cast, patient).first_name == "Jane"


def test_a_taken_number_names_its_field(cast: Cast, nurse: Client, patient: UUID) -> None:
    create(nurse, mrn="MRN-7", external_id="ECW-7")
    assert errors_of(replace(nurse, patient, mrn="MRN-7"), 409) == {"mrn"}
    assert errors_of(replace(nurse, patient, external_id="ECW-7"), 409) == {"external_id"}
    row = stored(cast, patient)
    assert (row.mrn, row.first_name, row.version) == ("MRN-00042", "Jane", 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", ...),
        ("last_name", ""),
        ("date_of_birth", "2999-01-01"),
        ("gender", "x"),
        ("mrn", "M" * 21),
        ("phone", "98 76"),
        ("version", 0),
        ("version", "new"),
        *NEVER_HIS.items(),
    ],
)
def test_a_wrong_field_is_named_and_nothing_changes(
    cast: Cast, nurse: Client, patient: UUID, field: str, value: Any
) -> None:
    trail = Trail(cast.highland)
    assert errors_of(replace(nurse, patient, **{field: value})) == {field}
    assert not trail.rows()
    assert stored(cast, patient).first_name == "Jane"


@pytest.mark.parametrize("role", list(Role))
def test_who_may(cast: Cast, patient: UUID, role: Role) -> None:
    allowed = "patient.change" in cast.highland.actor(role.value).permissions
    answer = replace(cast.highland.client(role.value), patient)
    assert answer.status_code == (200 if allowed else 403)
    assert (stored(cast, patient).first_name == "Robert") == allowed


def test_what_is_not_there(cast: Cast, nurse: Client, patient: UUID) -> None:
    for client, address in ((cast.lakeside.client("admin"), patient), (nurse, uuid4())):
        for headers in ({}, {"If-Match": '"1"'}):
            answer = replace(client, address, headers)
            assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
    assert stored(cast, patient).first_name == "Jane"


def test_the_old_name_finds_nobody_and_the_new_one_does(nurse: Client, patient: UUID) -> None:
    replace(nurse, patient)
    assert nurse.get("/api/v1/patients/", {"q": "jane doe"}).json()["count"] == 0
    assert nurse.get("/api/v1/patients/", {"q": ROBERT["last_name"]}).json()["count"] == 1

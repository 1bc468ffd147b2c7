"""A patient is registered, numbered, changed, archived and restored."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from apps.authentication.rules import permissions_of
from apps.authentication.types import Role
from apps.core.care import services as care
from apps.core.patients import selectors, services
from apps.core.patients.models import Patient, SearchToken
from apps.core.patients.types import InvalidPatient, MrnTaken, NotFound, PatientStatus, StaleVersion
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from apps.foundation.tenancy.services import scope
from apps.foundation.tenancy.types import Actor, NotPermitted
from apps.settings.services import change_preferences
from apps.settings.types import MrnPattern, PracticePreferences
from tests.cast import Cast

BORN = date(1960, 6, 15)


def register(by: Actor, **values: object) -> UUID:
    return services.register_patient(**{"first_name": "A", "last_name": "B", "date_of_birth": BORN, **values}, by=by)


def test_the_chart_shows_what_was_entered(jane: UUID, nurse: Actor) -> None:
    detail = selectors.get_patient(jane, by=nurse)
    assert detail.banner.display_name == "DOE-SMITH, JANE"
    assert detail.banner.mrn == "MRN-00001"
    assert detail.banner.conditions == ("copd", "hypertension")
    assert detail.banner.time_zone == "America/New_York"
    assert (detail.phone, detail.email) == ("+1 (555) 010-1234", "jane@example.org")
    assert detail.oxygen_target_low and not detail.on_oxygen


@pytest.mark.parametrize(
    ("role", "seen"), [("admin", "6789"), ("provider", "6789"), ("nurse", ""), ("ma", ""), ("data_monitor", "")]
)
def test_of_the_ssn_few_see_four_digits(in_practice: UUID, system: Actor, nurse: Actor, role: str, seen: str) -> None:
    patient_id = register(system, ssn="123-45-6789")
    reader = replace(nurse, role=role, permissions=permissions_of(role))
    assert selectors.get_patient(patient_id, by=reader).ssn_last_four == seen


def test_reading_a_chart_is_recorded(jane: UUID, nurse: Actor) -> None:
    selectors.get_patient(jane, by=nurse)
    assert AuditLog.objects.filter(action="patient.read", subject_id=jane).count() == 1


def test_creation_is_recorded_with_its_values(jane: UUID) -> None:
    row = AuditLog.objects.get(action="patient.create", subject_id=jane)
    written = next(one for one in open_detail(row)["rows"] if one["model"] == "patients.patient")
    assert written["after"]["last_name"] == "Doe-Smith"


def test_numbers_run_on_and_skip_those_given_by_hand(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    register(system, mrn="mrn 00002")
    ids = [register(system), register(system)]
    assert [selectors.get_patient(i, by=nurse).banner.mrn for i in ids] == ["MRN-00001", "MRN-00003"]


def test_numbers_by_year(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    change_preferences(preferences=PracticePreferences(mrn_pattern=MrnPattern.YEARLY), by=system)
    patient_id = register(system, monitoring_since=date(2026, 3, 1))
    assert selectors.get_patient(patient_id, by=nurse).banner.mrn == "MRN-2026-000001"


def test_an_mrn_is_unique_within_its_practice_only(
    in_practice: UUID, stranger: UUID, system: Actor, nurse: Actor
) -> None:
    register(system, mrn="A-17")
    with pytest.raises(MrnTaken):
        register(system, mrn="a17")
    assert Patient.objects.count() == 1
    with scope(stranger):
        register(system, mrn="A-17")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("first_name", "  ", "required"),
        ("last_name", "x" * 101, "too_long"),
        ("date_of_birth", date(2999, 1, 1), "in_future"),
        ("date_of_birth", date(1850, 1, 1), "too_old"),
        ("gender", "f", "unknown_choice"),
        ("mrn", "M" * 21, "too_long"),
        ("phone", "555-01", "malformed"),
        ("email", "not an address", "malformed"),
        ("state", "New York", "malformed"),
        ("postal_code", "1234", "malformed"),
        ("postal_code", "٦٢٧٠٤", "malformed"),
        ("ssn", "12-34-567", "malformed"),
        ("ssn", "١٢٣456789", "malformed"),
        ("conditions", ["gout"], "unknown_choice"),
        ("time_zone", "Mars/Olympus", "unknown_choice"),
        ("assigned_provider_id", uuid4(), "unknown_choice"),
    ],
)
def test_a_faulty_field_is_named_and_its_value_is_not(
    in_practice: UUID, system: Actor, field: str, value: object, code: str
) -> None:
    with pytest.raises(InvalidPatient) as refusal:
        register(system, **{field: value})
    assert refusal.value.faults == {field: code}
    assert str(value) not in str(refusal.value)
    assert not Patient.objects.exists()


def test_the_emr_may_send_a_longer_mrn(in_practice: UUID, system: Actor, nurse: Actor) -> None:
    patient_id = register(system, mrn="M" * 64, mrn_max=64)
    assert selectors.get_patient(patient_id, by=nurse).banner.mrn == "M" * 64


def test_a_change_counts_versions_and_moves_the_index(jane: UUID, nurse: Actor) -> None:
    assert services.change_patient(patient_id=jane, changes={"last_name": "Miller"}, expected_version=1, by=nurse) == 2
    detail = selectors.get_patient(jane, by=nurse)
    assert (detail.banner.first_name, detail.banner.last_name, detail.version) == ("Jane", "Miller", 2)
    row = AuditLog.objects.get(action="patient.change")
    changed = open_detail(row)["rows"][0]
    assert changed["before"]["last_name"] == "Doe-Smith"
    assert changed["after"]["last_name"] == "Miller"
    with pytest.raises(StaleVersion):
        services.change_patient(patient_id=jane, changes={"city": "X"}, expected_version=1, by=nurse)


def test_a_blank_mrn_keeps_the_old_one(jane: UUID, nurse: Actor) -> None:
    services.change_patient(patient_id=jane, changes={"mrn": "", "city": "Salem"}, by=nurse)
    assert selectors.get_patient(jane, by=nurse).banner.mrn == "MRN-00001"


def test_what_no_form_offers_cannot_be_changed(jane: UUID, nurse: Actor) -> None:
    with pytest.raises(InvalidPatient):
        services.change_patient(patient_id=jane, changes={"practice_id": uuid4()}, by=nurse)


def test_another_practice_finds_nothing(jane: UUID, stranger: UUID, system: Actor) -> None:
    with scope(stranger):
        for read in (selectors.get_patient, selectors.patient_banner):
            with pytest.raises(NotFound):
                read(jane, by=system)
        with pytest.raises(NotFound):
            services.change_patient(patient_id=jane, changes={"city": "X"}, by=system)
        assert selectors.patient_banners([jane]) == {}
        assert selectors.patient_contexts([jane]) == {}


def test_a_patient_account_may_read_nobody(jane: UUID, nurse: Actor) -> None:
    portal = replace(nurse, role="patient", permissions=permissions_of(Role.PATIENT))
    for read in (selectors.get_patient, selectors.patient_banner):
        with pytest.raises(NotPermitted):
            read(jane, by=portal)


def test_archived_patients_are_readable_and_unchangeable(jane: UUID, nurse: Actor) -> None:
    care.archive_patient(patient_id=jane, reason="Discharged from RPM", by=nurse, now=timezone.now())
    assert selectors.get_patient(jane, by=nurse).banner.status is PatientStatus.ARCHIVED
    assert not selectors.patient_contexts([jane])[jane].active
    with pytest.raises(InvalidPatient):
        services.change_patient(patient_id=jane, changes={"city": "X"}, by=nurse)
    by = Actor.system("test", nurse.practice_id)
    care.restore_patient(patient_id=jane, reason="Came back", by=by)
    assert selectors.patient_contexts([jane])[jane].active


def test_contexts_come_in_one_query(
    jane: UUID, system: Actor, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    others = [register(system) for _ in range(5)]
    with django_assert_num_queries(1):
        found = selectors.patient_contexts([jane, *others])
    assert len(found) == 6
    assert found[jane].oxygen_target_low
    assert found[jane].conditions == ("copd", "hypertension")


def test_no_table_of_ours_holds_what_was_entered(jane: UUID, system: Actor) -> None:
    """Tokens are left out of the search: random base64 holds every short name sooner or later."""
    serial = "51609998887"
    services.register_device(serial=serial, serial_again=serial, model="UA-651BLE", by=system)
    entered = ("jane", "doe", "1950-02-28", "mrn-00001", "0101234", "010-1234", "example.org", "copd", serial)
    for model in apps.get_app_config("patients").get_models():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")
            stored = " ".join(str(value) for row in cursor.fetchall() for value in row).casefold()
        in_clear = re.sub(r"vx1\.[\w-]+", "", stored)
        assert not [text for text in entered if re.search(rf"\b{re.escape(text)}", in_clear)], model._meta.label
    assert SearchToken.objects.filter(patient_id=jane).exists()


@pytest.mark.parametrize(
    ("mrn", "born", "found"),
    [
        ("mrn 00001", date(1950, 2, 28), True),
        ("MRN-00001", date(1950, 2, 27), False),
        ("MRN-00002", date(1950, 2, 28), False),
        ("", date(1950, 2, 28), False),
    ],
)
def test_two_identifiers_find_one_person(jane: UUID, nurse: Actor, mrn: str, born: date, found: bool) -> None:
    banner = selectors.patient_by_identifiers(mrn=mrn, date_of_birth=born, by=nurse, action="quarantine.match")
    assert (banner is not None and banner.id == jane) is found
    assert AuditLog.objects.filter(action="quarantine.match", subject_id=jane).exists() is found


def test_the_active_ones_are_listed_for_the_systems_own_work(jane: UUID, nurse: Actor, system: Actor) -> None:
    john = register(system)
    assert set(selectors.active_patient_ids()) == {jane, john}
    care.archive_patient(patient_id=jane, reason="Moved", by=nurse, now=timezone.now())
    assert selectors.active_patient_ids() == [john]


def test_a_birth_is_judged_by_the_day_of_the_practice(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the evening in Chicago it is tomorrow in Greenwich."""
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 22, 3, tzinfo=UTC))
    born = {"first_name": "A", "last_name": "B", "by": cast.highland.system}
    with cast.highland.scope():
        with pytest.raises(InvalidPatient) as refusal:
            services.register_patient(**born, date_of_birth=date(2026, 11, 22))
        assert refusal.value.faults == {"date_of_birth": "in_future"}
        services.register_patient(**born, date_of_birth=date(2026, 11, 21))

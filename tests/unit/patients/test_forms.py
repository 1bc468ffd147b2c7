"""The shapes around the services: filters, tables and forms of patients and devices."""

from datetime import date
from uuid import UUID

import pytest
from django.http import QueryDict
from django.test import RequestFactory

from apps.core.patients import selectors, services
from apps.core.patients.filters import PatientFilter
from apps.core.patients.forms.devices import AssignDeviceForm, DeviceForm
from apps.core.patients.forms.patients import PatientForm
from apps.core.patients.models import Patient
from apps.core.patients.types import InvalidPatient, PatientFilters, PatientStatus, RiskLevel
from tests.cast import Cast
from tests.factories.patients import enrol_patient

ENTERED = {
    "first_name": "Ada",
    "last_name": "Byron",
    "date_of_birth": "1950-12-10",
    "gender": "female",
    "address_lines": "1 Main St\n\n Unit 2 ",
    "conditions": ["copd"],
}


def criteria(cast: Cast, query: str) -> PatientFilters:
    request = RequestFactory().get("/")
    request.actor = cast.highland.actor("provider")  # type: ignore[attr-defined]
    return PatientFilter(QueryDict(query), queryset=Patient.objects.none(), request=request).criteria()


def test_no_filter_means_active_patients_by_risk(cast: Cast) -> None:
    with cast.highland.scope():
        assert criteria(cast, "") == PatientFilters()


def test_every_filter_reaches_the_selector(cast: Cast) -> None:
    provider = cast.highland.people["provider"]
    with cast.highland.scope():
        asked = criteria(
            cast, f"q=jane+doe&status=archived&risk_level=warning&assigned_to={provider}&has_device=true&ordering=name"
        )
        assert criteria(cast, "assigned_to=me").assigned_to == provider
        assert criteria(cast, "status=all").status is None
        assert criteria(cast, "has_device=false").has_device is False
    assert asked == PatientFilters(
        query="jane doe",
        status=PatientStatus.ARCHIVED,
        risk_level=RiskLevel.WARNING,
        assigned_to=provider,
        has_device=True,
        ordering="name",
    )


@pytest.mark.parametrize("query", ["status=deleted", "risk_level=purple", "assigned_to=x", "has_device=maybe"])
def test_an_unknown_choice_is_an_error_and_no_limit(cast: Cast, query: str) -> None:
    with cast.highland.scope():
        assert criteria(cast, query) == PatientFilters()


def test_a_provider_of_another_practice_is_no_choice_and_has_nobody_here(cast: Cast) -> None:
    enrol_patient(cast.highland, assigned_provider_id=cast.highland.people["provider"])
    stranger = cast.lakeside.people["provider"]
    request = RequestFactory().get("/")
    request.actor = cast.highland.actor("nurse")  # type: ignore[attr-defined]
    with cast.highland.scope():
        filtered = PatientFilter(QueryDict(f"assigned_to={stranger}"), queryset=Patient.objects.none(), request=request)
        assert str(stranger) not in str(filtered.form["assigned_to"])
        assert list(filtered.qs) == []


def test_the_filtered_set_is_the_selectors(cast: Cast) -> None:
    jane = enrol_patient(cast.highland, first_name="Jane", last_name="Doe")
    enrol_patient(cast.highland, first_name="John", last_name="Roe")
    request = RequestFactory().get("/")
    request.actor = cast.highland.actor("nurse")  # type: ignore[attr-defined]
    with cast.highland.scope():
        filtered = PatientFilter(QueryDict("q=doe"), queryset=Patient.objects.none(), request=request)
        assert [row.id for row in filtered.qs] == [jane]


def test_a_new_patient_goes_from_form_to_chart(cast: Cast) -> None:
    practice = cast.highland
    with practice.scope():
        form = PatientForm({**ENTERED, "assigned_provider_id": str(practice.people["provider"])})
        assert form.is_valid(), form.errors
        patient_id = services.register_patient(**form.changes(), by=practice.actor("ma"))
        detail = selectors.get_patient(patient_id, by=practice.actor("ma"))
        assert detail.address_lines == ("1 Main St", "Unit 2")
        assert detail.banner.assigned_provider_id == practice.people["provider"]
        again = PatientForm({**PatientForm.values_of(detail), "last_name": "Lovelace"})
        assert again.is_valid(), again.errors
        services.change_patient(patient_id=patient_id, changes=again.changes(), by=practice.actor("ma"))
        changed = selectors.get_patient(patient_id, by=practice.actor("ma"))
    assert changed.banner.last_name == "Lovelace"
    assert changed.banner.mrn == detail.banner.mrn
    assert changed.banner.date_of_birth == date(1950, 12, 10)


def test_an_ssn_left_empty_stays(cast: Cast) -> None:
    practice = cast.highland
    patient_id = enrol_patient(practice, ssn="123-45-6789")
    with practice.scope():
        detail = selectors.get_patient(patient_id, by=practice.system)
        assert "ssn" not in PatientForm.values_of(detail)
        form = PatientForm(PatientForm.values_of(detail))
        assert form.is_valid(), form.errors
        services.change_patient(patient_id=patient_id, changes=form.changes(), by=practice.system)
        assert selectors.get_patient(patient_id, by=practice.system).ssn_last_four == "6789"


def test_faults_of_the_service_stand_beside_their_fields(cast: Cast) -> None:
    with cast.highland.scope():
        form = PatientForm(ENTERED)
        assert form.is_valid()
        form.show_faults(InvalidPatient({"phone": "malformed", "status": "archived"}))
        assert set(form.errors) == {"phone", "__all__"}


def test_a_device_form_offers_the_catalogue() -> None:
    assert [code for code, _ in DeviceForm().fields["model"].choices] == [
        "UA-651BLE",
        "UA-767PBT-Ci",
        "UC-352BLE",
        "UC-355PBT-Ci",
        "VERIO-FLEX",
        "NONIN-3230",
    ]


def test_only_a_free_device_can_be_chosen() -> None:
    free, worn = UUID(int=1), UUID(int=2)
    entered = {"starts_at": "2026-05-01T10:00:00"}
    assert AssignDeviceForm({**entered, "device_id": str(free)}, free=[(free, "Cuff")]).is_valid()
    assert not AssignDeviceForm({**entered, "device_id": str(worn)}, free=[(free, "Cuff")]).is_valid()

"""Every kind of reading becomes a valid FHIR R4 Observation of its US Core profile."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from fhir.resources.R4B.observation import Observation

from apps.fhir_transform.services import observation_to_fhir
from apps.fhir_transform.types import FhirObservationInput, FhirQuantity

AT = datetime(2026, 11, 20, 7, 12, tzinfo=UTC)


def given(kind, *quantities, **more):
    return FhirObservationInput(UUID(int=1), UUID(int=2), kind, AT, AT, tuple(quantities), "rdg_12345678", **more)


def quantity(loinc, value, ucum, comparator=""):
    return FhirQuantity(loinc, Decimal(value), ucum, comparator)


BLOOD_PRESSURE = given("blood_pressure", quantity("8480-6", "184", "mm[Hg]"), quantity("8462-4", "122", "mm[Hg]"))
CASES = {
    "blood_pressure": BLOOD_PRESSURE,
    "spo2": given("spo2", quantity("2708-6", "93", "%")),
    "weight": given("weight", quantity("29463-7", "89.99", "kg")),
    "pulse": given("pulse", quantity("8867-4", "71", "/min")),
    "glucose": given("glucose", quantity("41653-7", "262", "mg/dL"), meal="fasting"),
    "glucose in mmol": given("glucose", quantity("14743-9", "14.5", "mmol/L")),
}


@pytest.mark.parametrize("name", CASES)
def test_the_resource_is_valid(name):
    resource = observation_to_fhir(CASES[name])
    assert Observation.model_validate(resource).id == str(UUID(int=1))
    assert resource["subject"] == {"reference": f"Patient/{UUID(int=2)}"}
    assert len(resource["category"]) == 1


def test_blood_pressure_has_both_components_once():
    resource = observation_to_fhir(BLOOD_PRESSURE)
    assert resource["code"]["coding"][0]["code"] == "85354-9"
    parts = [(p["code"]["coding"][0]["code"], p["valueQuantity"]["value"]) for p in resource["component"]]
    assert parts == [("8480-6", 184.0), ("8462-4", 122.0)]
    assert "valueQuantity" not in resource


def test_oxygen_saturation_carries_both_codes_of_us_core():
    codes = [coding["code"] for coding in observation_to_fhir(CASES["spo2"])["code"]["coding"]]
    assert codes == ["59408-5", "2708-6"]


def test_glucose_is_laboratory_and_keeps_the_code_of_its_unit():
    resource = observation_to_fhir(CASES["glucose in mmol"])
    assert resource["category"][0]["coding"][0]["code"] == "laboratory"
    assert resource["code"]["coding"][0]["code"] == "14743-9"


def test_a_meter_that_said_hi_is_a_comparator_and_not_a_guess():
    resource = observation_to_fhir(given("glucose", quantity("41653-7", "600", "mg/dL", ">")))
    assert resource["valueQuantity"]["comparator"] == ">"
    Observation.model_validate(resource)


def test_a_fasting_value_says_so():
    component = observation_to_fhir(CASES["glucose"])["component"][0]
    assert component["valueCodeableConcept"]["coding"][0]["code"] == "8417876"


@pytest.mark.parametrize(
    "broken",
    [
        given("steps", quantity("8867-4", "1", "/min")),
        given("weight"),
        given("blood_pressure", quantity("8480-6", "120", "mm[Hg]")),
    ],
)
def test_what_has_no_fhir_form_is_refused(broken):
    with pytest.raises(ValueError, match=r"FHIR|systolic"):
        observation_to_fhir(broken)

"""Observations to FHIR R4 (4.0.1) resources, US Core profiles 6.1.0: pure."""

from typing import Any

from apps.fhir_transform.types import FhirObservationInput, FhirQuantity

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
READING_SYSTEM = "https://vantrexia.com/reading-id"
DEVICE_SYSTEM = "https://vantrexia.com/device-serial"
_CATEGORY_SYSTEM = "http://terminology.hl7.org/CodeSystem/observation-category"
_US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
_MEAL_SYSTEM = "urn:iso:std:iso:11073:10101"

BLOOD_PRESSURE_PANEL = "85354-9"
PULSE_OXIMETRY = ("59408-5", "2708-6")
DISPLAYS = {
    "85354-9": "Blood pressure panel with all children optional",
    "8480-6": "Systolic blood pressure",
    "8462-4": "Diastolic blood pressure",
    "8867-4": "Heart rate",
    "59408-5": "Oxygen saturation in Arterial blood by Pulse oximetry",
    "2708-6": "Oxygen saturation in Arterial blood",
    "29463-7": "Body weight",
    "41653-7": "Glucose [Mass/volume] in Capillary blood by Glucometer",
    "14743-9": "Glucose [Moles/volume] in Capillary blood by Glucometer",
}
_PROFILES = {
    "blood_pressure": "us-core-blood-pressure",
    "spo2": "us-core-pulse-oximetry",
    "weight": "us-core-body-weight",
    "pulse": "us-core-heart-rate",
    "glucose": "us-core-observation-lab",
}
_MEAL_CODES = {"pre_meal": "8417868", "post_meal": "8417872", "fasting": "8417876"}


def observation_resource(given: FhirObservationInput) -> dict[str, Any]:
    """The Observation as a FHIR resource. Raises ValueError when the kind or its quantities do not fit together."""
    if given.kind not in _PROFILES or not given.quantities:
        raise ValueError("this kind of observation has no FHIR profile or no value")
    resource: dict[str, Any] = {
        "resourceType": "Observation",
        "id": str(given.id),
        "meta": {"profile": [_US_CORE + _PROFILES[given.kind]]},
        "identifier": [{"system": READING_SYSTEM, "value": given.reading_id}],
        "status": given.status,
        "category": [{"coding": [{"system": _CATEGORY_SYSTEM, "code": _category_of(given.kind)}]}],
        "code": {"coding": [_coding(code) for code in _codes_of(given)]},
        "subject": {"reference": f"Patient/{given.patient_id}"},
        "effectiveDateTime": given.effective_at.isoformat(),
        "issued": given.issued_at.isoformat(),
    }
    if given.device_serial:
        resource["device"] = {"identifier": {"system": DEVICE_SYSTEM, "value": given.device_serial}}
    resource.update(_values_of(given))
    return resource


def _category_of(kind: str) -> str:
    return "laboratory" if kind == "glucose" else "vital-signs"


def _codes_of(given: FhirObservationInput) -> tuple[str, ...]:
    if given.kind == "blood_pressure":
        return (BLOOD_PRESSURE_PANEL,)
    if given.kind == "spo2":
        return PULSE_OXIMETRY
    return (given.quantities[0].loinc,)


def _values_of(given: FhirObservationInput) -> dict[str, Any]:
    if given.kind == "blood_pressure":
        if {quantity.loinc for quantity in given.quantities} != {"8480-6", "8462-4"}:
            raise ValueError("a blood pressure has one systolic and one diastolic value")
        parts = [{"code": {"coding": [_coding(q.loinc)]}, "valueQuantity": _quantity(q)} for q in given.quantities]
        return {"component": parts}
    values: dict[str, Any] = {"valueQuantity": _quantity(given.quantities[0])}
    if given.meal in _MEAL_CODES:
        meal = {"system": _MEAL_SYSTEM, "code": _MEAL_CODES[given.meal]}
        values["component"] = [
            {
                "code": {"coding": [{"system": _MEAL_SYSTEM, "code": "8417864"}]},
                "valueCodeableConcept": {"coding": [meal]},
            }
        ]
    return values


def _coding(code: str) -> dict[str, str]:
    return {"system": LOINC, "code": code, "display": DISPLAYS[code]}


def _quantity(quantity: FhirQuantity) -> dict[str, Any]:
    result: dict[str, Any] = {
        "value": float(quantity.value),
        "unit": quantity.ucum,
        "system": UCUM,
        "code": quantity.ucum,
    }
    if quantity.comparator:
        result["comparator"] = quantity.comparator
    return result

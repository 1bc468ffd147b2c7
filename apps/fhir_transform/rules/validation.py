"""Whether a resource may be read at all: fhir.resources says what R4 allows, and we what a patient needs.

R4B is 4.3.0; a Patient of 4.0.1 is the same in both (C-38).
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from fhir.resources.R4B.address import Address
from fhir.resources.R4B.codeableconcept import CodeableConcept
from fhir.resources.R4B.coding import Coding
from fhir.resources.R4B.contactpoint import ContactPoint
from fhir.resources.R4B.extension import Extension
from fhir.resources.R4B.humanname import HumanName
from fhir.resources.R4B.identifier import Identifier
from fhir.resources.R4B.meta import Meta
from fhir.resources.R4B.patient import Patient, PatientCommunication, PatientContact, PatientLink
from fhir.resources.R4B.period import Period
from fhir.resources.R4B.reference import Reference
from pydantic import ValidationError

from apps.fhir_transform.types import FaultyElement, FhirFault

DEEPEST = 30
_CODES = {"extra_forbidden": FhirFault.UNKNOWN_ELEMENT, "missing": FhirFault.REQUIRED}
_FAULTS_SHOWN = 50
_TYPES = (
    *(Patient, PatientCommunication, PatientContact, PatientLink, HumanName, Address, ContactPoint, Identifier),
    *(CodeableConcept, Coding, Period, Reference, Extension, Meta),
)
_ELEMENT_NAMES = frozenset(field.alias or name for one in _TYPES for name, field in one.model_fields.items())
"""Names that may be told again. Any other member name came with the resource, and may be somebody's."""


def patient_faults(resource: Any) -> list[FaultyElement]:
    """What keeps the resource from being read as a Patient; empty if nothing does."""
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        return [FaultyElement("resourceType", FhirFault.NOT_A_RESOURCE)]
    if resource["resourceType"] != "Patient":
        return [FaultyElement("resourceType", FhirFault.NOT_A_PATIENT)]
    found = _forbidden(resource)
    return found or _breaches(resource)


def _forbidden(resource: dict[str, Any]) -> list[FaultyElement]:
    """What must not be passed over (FHIR R4, 2.1.3.0 and 2.28): it may turn the meaning of the rest around."""
    found = [FaultyElement("Patient.contained", FhirFault.CONTAINED)] if resource.get("contained") else []
    if resource.get("implicitRules"):
        found.append(FaultyElement("Patient.implicitRules", FhirFault.MODIFIER))
    for path, node, depth in _nodes(resource):
        if depth > DEEPEST:
            return [FaultyElement(path, FhirFault.TOO_DEEP)]
        if node.get("modifierExtension"):
            found.append(FaultyElement(f"{path}.modifierExtension", FhirFault.MODIFIER))
    return found


def _nodes(resource: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], int]]:
    """Every object of the resource with its path."""
    waiting: list[tuple[str, Any, int]] = [("Patient", resource, 0)]
    while waiting:
        path, node, depth = waiting.pop()
        if isinstance(node, dict):
            yield path, node, depth
            if depth <= DEEPEST:
                waiting += [(f"{path}.{_shown(name)}", value, depth + 1) for name, value in node.items()]
        elif isinstance(node, list):
            waiting += [(f"{path}[{at}]", value, depth + 1) for at, value in enumerate(node)]


def _shown(name: str) -> str:
    return name if name in _ELEMENT_NAMES else "?"


def _breaches(resource: dict[str, Any]) -> list[FaultyElement]:
    try:
        Patient.model_validate(deepcopy(resource))
    except ValidationError as refusal:
        errors = refusal.errors(include_input=False, include_context=False, include_url=False)
        return sorted({_fault_of(error["loc"], error["type"]) for error in errors[:_FAULTS_SHOWN]})
    return []


def _fault_of(place: tuple[int | str, ...], kind: str) -> FaultyElement:
    fault = _CODES.get(kind.rpartition(".")[2], FhirFault.INVALID)
    if fault is FhirFault.UNKNOWN_ELEMENT:
        place = place[:-1]
    path = "Patient"
    for part in place:
        path += f"[{part}]" if isinstance(part, int) else f".{_shown(part)}"
    return FaultyElement(path, fault)

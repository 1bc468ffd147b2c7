"""FHIR Patients of our own making, and how an output is compared with what went in (decision 14: no data of others)."""

import json
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from apps.core.patients.types import Demographics, IdentifierInput, IdentifierType

US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/"
V2_0203 = "http://terminology.hl7.org/CodeSystem/v2-0203"

PRINTED: dict[str, Any] = json.loads(
    """{
"resourceType": "Patient",
"id": "d290f1ee-6c54-4b01-90e6-d701748f0851",
"meta": {
"versionId": "3",
"lastUpdated": "2026-02-01T09:15:00Z",
"profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"]
},
"identifier": [
{
"system": "https://vantrexia.com/mrn",
"value": "MRN-00001"
},
{
"system": "https://eclinicalworks.com/patient-id",
"value": "ECW-98765"
}
],
"active": true,
"name": [
{
"use": "official",
"family": "Doe",
"given": ["Jane"]
}
],
"gender": "female",
"birthDate": "1958-03-15",
"telecom": [
{ "system": "phone", "value": "+1-555-0101", "use": "home" },
{ "system": "email", "value": "jane.doe@email.com" }
],
"address": [
{
"use": "home",
"line": ["123 Main St", "Apt 4B"],
"city": "Springfield",
"state": "IL",
"postalCode": "62704",
"country": "US"
}
]
}"""
)
"""The Patient of patients-api.txt, letter by letter."""

RICH: dict[str, Any] = {
    "resourceType": "Patient",
    "extension": [
        {
            "url": f"{US_CORE}us-core-race",
            "extension": [
                {
                    "url": "ombCategory",
                    "valueCoding": {"system": "urn:oid:2.16.840.1.113883.6.238", "code": "2106-3", "display": "White"},
                },
                {
                    "url": "detailed",
                    "valueCoding": {"system": "urn:oid:2.16.840.1.113883.6.238", "code": "2111-3", "display": "French"},
                },
                {"url": "text", "valueString": "White, of French descent"},
            ],
        },
        {
            "url": f"{US_CORE}us-core-ethnicity",
            "extension": [
                {
                    "url": "ombCategory",
                    "valueCoding": {"system": "urn:oid:2.16.840.1.113883.6.238", "code": "2186-5"},
                },
                {"url": "text", "valueString": "Not Hispanic or Latino"},
            ],
        },
        {"url": f"{US_CORE}us-core-birthsex", "valueCode": "F"},
        {
            "url": f"{US_CORE}us-core-genderIdentity",
            "valueCodeableConcept": {
                "coding": [{"system": "http://snomed.info/sct", "code": "446141000124107", "display": "Female"}]
            },
        },
    ],
    "identifier": [
        {"system": "https://vantrexia.com/mrn", "value": "A-1701"},
        {"system": "https://eclinicalworks.com/patient-id", "value": "ECW-PT-1"},
        {
            "type": {"coding": [{"system": V2_0203, "code": "RI", "display": "Resource identifier"}]},
            "system": "https://eclinicalworks.com/fhir-id",
            "value": "Patient/fhir-abc-1",
        },
        {
            "type": {"coding": [{"system": V2_0203, "code": "SS", "display": "Social Security number"}]},
            "system": "http://hl7.org/fhir/sid/us-ssn",
            "value": "900-12-3456",
        },
        {
            "type": {"coding": [{"system": V2_0203, "code": "DL", "display": "Driver's license number"}]},
            "system": "urn:oid:2.16.840.1.113883.4.3.36",
            "value": "T0000001",
        },
        {"system": "https://www.epic.com/patient-id", "value": "E-77"},
    ],
    "active": True,
    "name": [
        {"use": "maiden", "family": "Testbury", "given": ["Maren"], "period": {"end": "1988-06"}},
        {
            "use": "official",
            "family": "O'Sample-Case",
            "given": ["Maren", "Ida", "K."],
            "prefix": ["Dr."],
            "suffix": ["PhD"],
        },
        {"use": "nickname", "given": ["Mari"], "text": "Mari"},
    ],
    "gender": "female",
    "birthDate": "1961-02-28",
    "deceasedBoolean": False,
    "telecom": [
        {"system": "phone", "value": "+1 (312) 555-0143", "use": "mobile"},
        {"system": "phone", "value": "312-555-0199", "use": "work", "rank": 2},
        {"system": "email", "value": "maren@sample.example", "use": "home"},
        {"system": "fax", "value": "312-555-0111", "period": {"start": "2019-01-01"}},
    ],
    "address": [
        {"use": "old", "line": ["1 Elder Row"], "city": "Peoria", "state": "IL", "period": {"end": "2020-03-31"}},
        {
            "use": "home",
            "type": "both",
            "line": ["77 Invented Way", "Unit 5"],
            "city": "Chicago",
            "district": "Cook",
            "state": "IL",
            "postalCode": "60614-2203",
            "country": "USA",
        },
        {"use": "temp", "line": ["12 rue Inventée"], "city": "Lyon", "postalCode": "69002", "country": "FR"},
    ],
    "maritalStatus": {
        "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", "code": "M"}],
        "text": "Married",
    },
    "multipleBirthInteger": 2,
    "contact": [
        {
            "relationship": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0131", "code": "C"}]}],
            "name": {"family": "Case", "given": ["Rolf"]},
            "telecom": [{"system": "phone", "value": "312-555-0102", "use": "home"}],
            "address": {"line": ["77 Invented Way"], "city": "Chicago", "country": "US"},
            "gender": "male",
        }
    ],
    "communication": [
        {
            "language": {"coding": [{"system": "urn:ietf:bcp:47", "code": "fr", "display": "French"}]},
            "preferred": True,
        },
        {"language": {"text": "English"}, "preferred": False},
    ],
    "generalPractitioner": [{"display": "Dr. Ada Quill"}],
}
"""Everything that is mapped, in one patient. Nothing of it may be lost."""

PROFILED = {
    "resourceType": "Patient",
    "name": [{"use": "official", "family": "Small", "given": ["Bo"]}],
    "gender": "unknown",
    "birthDate": "1970-01-01",
}
"""The least that is taken."""

PRINTED_DEMOGRAPHICS = Demographics()
PRINTED_IDENTIFIERS = (IdentifierInput("eclinicalworks", "ECW-98765", IdentifierType.PATIENT_ID, True),)


def without(resource: dict[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """The resource without the elements that a report names."""
    left = deepcopy(resource)
    for path in paths:
        _remove(left, _steps(path.partition(" ")[0].removeprefix("Patient.")))
    return left


def lost(given: Any, found: Any) -> list[str]:
    """The paths of what stands in `given` and not in `found`. The order in a list of objects means nothing in FHIR."""
    return _lost(_said(given), found, "Patient")


def _said(node: Any) -> Any:
    """The same without null, empty texts and what holds nothing else: places of the report, and no content."""
    if isinstance(node, dict):
        return {name: said for name, value in node.items() if (said := _said(value)) not in (None, "", [], {})}
    if isinstance(node, list):
        said = [_said(one) for one in node]
        return said if any(isinstance(one, dict) for one in said) else [one for one in said if one not in (None, "")]
    return node


def _lost(given: Any, found: Any, path: str) -> list[str]:
    if isinstance(given, dict):
        if not isinstance(found, dict):
            return [path]
        return [one for name, value in given.items() for one in _lost(value, found.get(name), f"{path}.{name}")]
    if isinstance(given, list) and any(isinstance(one, dict) for one in given):
        rest = list(found or [])
        missing: list[str] = []
        for at, one in enumerate(given):
            if one == {}:
                continue
            match = next((other for other in rest if not _lost(one, other, path)), None)
            if match is None:
                missing.append(f"{path}[{at}]")
            else:
                rest.remove(match)
        return missing
    return [] if given in (None, {}, []) or (type(given) is type(found) and given == found) else [path]


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    for part in path.split("."):
        name, _, places = part.partition("[")
        steps.append(name)
        steps += [int(place.rstrip("]")) for place in places.split("[") if place]
    return steps


def _remove(node: Any, steps: list[str | int]) -> None:
    for step in steps[:-1]:
        if isinstance(node, dict) and not isinstance(node.get(step), dict | list):
            node.pop(f"_{step}", None)
            return
        node = node[step]
    last = steps[-1]
    if isinstance(node, list):
        node[last] = {}
    else:
        node.pop(last, None)
        node.pop(f"_{last}", None)

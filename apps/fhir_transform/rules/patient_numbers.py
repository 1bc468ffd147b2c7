"""The identifiers of a FHIR Patient: which one is the MRN, which one the SSN, and what the others are. Pure."""

import re
from dataclasses import dataclass, field

from apps.core.patients.types import EMR_SYSTEM, SSN_SYSTEMS, IdentifierInput, IdentifierType
from apps.fhir_transform.rules.datatypes import read_concept
from apps.fhir_transform.rules.elements import Element
from apps.fhir_transform.rules.vocabulary import (
    IDENTIFIER_TYPES,
    IDENTIFIER_USES,
    MRN_URI,
    SSN_URI,
    TYPE_CODES,
    TYPE_OF_CODE,
    system_name,
)
from apps.fhir_transform.types import Unmapped

_SSN = re.compile(r"[0-9]{3}-?[0-9]{2}-?[0-9]{4}")
_SHORT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_MRN_MAX, _SYSTEM_MAX, _VALUE_MAX = 64, 100, 255


@dataclass
class Numbers:
    """What the identifiers say. Without an MRN the practice gives one."""

    mrn: str = ""
    ssn: str = ""
    others: list[IdentifierInput] = field(default_factory=list)


def read_identifiers(elements: list[Element], paths: dict[str, str]) -> Numbers:
    """Ours is the MRN; without it the first medical record number, which is kept as that system's number too."""
    found = Numbers()
    typed = [(one, one.text("system"), one.text("value"), _type_of(one)) for one in elements]
    for element, system, value, kind in typed:
        if not value:
            element.drop(Unmapped.NO_VALUE)
        elif system == MRN_URI:
            _take_mrn(found, element, value, kind, paths)
        elif _is_ssn_system(system):
            _take_ssn(found, element, system, value, kind, paths)
        elif system:
            _take_other(found, element, system, value, kind)
    for element, system, value, kind in typed:
        if value and kind is IdentifierType.MEDICAL_RECORD and system != MRN_URI and not _is_ssn_system(system):
            _take_foreign_mrn(found, element, system, value, paths)
        elif value and not system:
            element.drop(Unmapped.NO_SYSTEM)
    for element, *_ in typed:
        element.close()
    return found


def _is_ssn_system(uri: str) -> bool:
    return uri.lower().rstrip("/") in SSN_SYSTEMS


def _type_of(element: Element) -> IdentifierType | None:
    """What the identifier says it is; None where it does not say, or nothing that we tell apart."""
    if element.code("use", IDENTIFIER_USES):
        element.report("use")
    child = element.child("type")
    if child is None:
        return None
    concept = read_concept(child)
    kinds = [(at, one) for at, one in enumerate(concept.codings) if one.system == IDENTIFIER_TYPES]
    at, coding = next(((at, one) for at, one in kinds if one.code in TYPE_OF_CODE), (0, None))
    if coding is None:
        child.report(reason=Unmapped.CONVERTED)
        return None
    kind = TYPE_OF_CODE[coding.code]
    if concept.text:
        child.report("text", Unmapped.REPEATS)
    if coding.display and coding.display != TYPE_CODES[kind][1]:
        child.report(f"coding[{at}].display", Unmapped.REPEATS)
    for other in range(len(concept.codings)):
        if other != at:
            child.report(f"coding[{other}]")
    return kind


def _take_mrn(found: Numbers, element: Element, value: str, kind: IdentifierType | None, paths: dict[str, str]) -> None:
    if kind is not None:
        element.report("type", Unmapped.REPEATS)
    if found.mrn:
        element.drop(Unmapped.SECOND)
    elif len(value) > _MRN_MAX:
        element.drop(Unmapped.TOO_LONG)
    else:
        found.mrn = value
        paths["mrn"] = f"{element.path}.value"


def _take_ssn(
    found: Numbers, element: Element, system: str, value: str, kind: IdentifierType | None, paths: dict[str, str]
) -> None:
    if found.ssn:
        element.drop(Unmapped.SECOND)
    elif not _SSN.fullmatch(value):
        element.drop(Unmapped.MALFORMED)
    else:
        found.ssn = value
        paths["ssn"] = f"{element.path}.value"
        if system != SSN_URI:
            element.report("system", Unmapped.CONVERTED)
        if kind not in (None, IdentifierType.SOCIAL_SECURITY):
            element.report("type", Unmapped.CONVERTED)


def _take_other(found: Numbers, element: Element, uri: str, value: str, kind: IdentifierType | None) -> None:
    system, implied = system_name(uri)
    if ":" not in uri:
        system = uri.lower()
        element.report("system", Unmapped.CONVERTED)
    if len(system) > _SYSTEM_MAX or len(value) > _VALUE_MAX:
        element.drop(Unmapped.TOO_LONG)
        return
    if ":" not in uri and not _SHORT_NAME.fullmatch(uri):
        element.drop(Unmapped.MALFORMED)
        return
    if kind is IdentifierType.PATIENT_ID:
        element.report("type", Unmapped.REPEATS)
    elif implied is not None and kind not in (None, implied):
        element.report("type", Unmapped.CONVERTED)
    kind = implied or kind or IdentifierType.PATIENT_ID
    is_emr = (system, kind) == (EMR_SYSTEM, IdentifierType.PATIENT_ID)
    is_first = not any(one.system == system and one.is_primary for one in found.others)
    given = IdentifierInput(system, value, kind, is_emr and is_first)
    if any((one.system, one.type, one.value) == (system, kind, value) for one in found.others):
        element.drop(Unmapped.REPEATS)
    else:
        found.others.append(given)


def _take_foreign_mrn(found: Numbers, element: Element, system: str, value: str, paths: dict[str, str]) -> None:
    """Another house's record number is ours too where we have none; without a system it is nothing else."""
    takes = not found.mrn and len(value) <= _MRN_MAX and any(one.isalnum() for one in value)
    if takes:
        found.mrn = value
        paths["mrn"] = f"{element.path}.value"
    if not system:
        element.report("" if not takes else "system", Unmapped.NO_SYSTEM)

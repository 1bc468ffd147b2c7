"""What may be an external identifier: pure decisions."""

import re

from apps.core.patients.types import EMR_SYSTEM, OUR_SYSTEM, SSN_SYSTEMS, IdentifierInput, IdentifierType

SYSTEM_MAX = 100
VALUE_MAX = 255
_SHORT_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"]+")


def normalise_system(system: str) -> str:
    """A short name in lower case; a URI exactly as it is, because URIs are compared letter by letter."""
    text = system.strip()
    return text if ":" in text else text.lower()


def cleaned_identifier(given: IdentifierInput) -> IdentifierInput:
    """The same without spaces around it. A value keeps its case: other systems tell "a1" from "A1"."""
    return IdentifierInput(
        normalise_system(given.system), given.value.strip(), IdentifierType(given.type), given.is_primary
    )


def identifier_faults(given: IdentifierInput) -> dict[str, str]:
    """Which parts of a cleaned identifier break a rule, with a stable code each and without a value."""
    found = {
        "identifier_system": _system_fault(given),
        "identifier_value": _value_fault(given.value),
        "is_primary": "" if not given.is_primary or may_be_primary(given.system, given.type) else "patient_id_only",
    }
    return {name: code for name, code in found.items() if code}


def may_be_primary(system: str, kind: IdentifierType | str) -> bool:
    """Whether a number can be what its system goes by: of the EMR only a patient id, the `external_id` (C-44)."""
    return system != EMR_SYSTEM or kind == IdentifierType.PATIENT_ID


def _system_fault(given: IdentifierInput) -> str:
    if not given.system:
        return "required"
    if len(given.system) > SYSTEM_MAX:
        return "too_long"
    if _is_ssn_system(given.system) or (given.system == OUR_SYSTEM and given.type is IdentifierType.MEDICAL_RECORD):
        return "has_own_field"
    return "" if _SHORT_NAME.fullmatch(given.system) or _URI.fullmatch(given.system) else "malformed"


def _is_ssn_system(system: str) -> bool:
    return system.lower().rstrip("/") in SSN_SYSTEMS


def _value_fault(value: str) -> str:
    if not value:
        return "required"
    return "too_long" if len(value) > VALUE_MAX else ""


def index_name(system: str, kind: IdentifierType | str) -> str:
    """The name of the blind index of one system and type."""
    return f"patients.identifier.{system}.{IdentifierType(kind).value}"


def shown_value(value: str, kind: IdentifierType | str, *, with_ssn: bool) -> str:
    """The value as somebody may read it: of a social security number the last four at most, without the permission."""
    if with_ssn or kind != IdentifierType.SOCIAL_SECURITY:
        return value
    signs = "".join(char for char in value if char.isalnum())
    return f"••••{signs[-4:]}" if len(signs) > 4 else "••••"

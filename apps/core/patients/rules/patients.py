"""Names, ages, numbers and what may be entered about a patient: pure decisions."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from apps.core.patients.rules.search import PHONE_MIN_DIGITS
from apps.core.patients.types import Condition, Gender, PatientStatus
from apps.foundation.encryption.rules import normalise_code, normalise_digits, normalise_name

NAME_MAX = 100
NO_DATA_RANK = 51
"""Where whoever has no score stands among scores doubled: between warning (26 and more) and normal (25 and less)."""
MRN_MAX_BY_HAND = 20
"""C-4; an EMR may send up to MRN_MAX."""
MRN_MAX = 64
OLDEST_AGE = 130
LONGEST_DAYS_BETWEEN = 30
"""Whoever measures less often than once in 30 days is not monitored: CPT 99454 counts days of 30."""
_LONGEST = {"city": 100, "email": 254}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_STATE = re.compile(r"[A-Z]{2}")
_ZIP = re.compile(r"[0-9]{5}(-[0-9]{4})?")
_SSN = re.compile(r"[0-9]{3}-?[0-9]{2}-?[0-9]{4}")


def display_name(first_name: str, last_name: str) -> str:
    """The name as a list and a banner show it: "DOE, JANE"."""
    return f"{last_name}, {first_name}".upper()


def age_on(date_of_birth: date, today: date) -> int:
    """Completed years of life. Who is born on 29 February turns older on 1 March of a common year."""
    before_birthday = (today.month, today.day) < (date_of_birth.month, date_of_birth.day)
    return today.year - date_of_birth.year - int(before_birthday)


def local_day(moment: datetime, time_zone: str) -> date:
    """The calendar day of a moment where the patient lives."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


def status_of(archived_at: datetime | None, deleted_at: datetime | None) -> PatientStatus:
    """Deleted goes before archived."""
    if deleted_at is not None:
        return PatientStatus.DELETED
    return PatientStatus.ACTIVE if archived_at is None else PatientStatus.ARCHIVED


def format_mrn(number: int, year: int | None) -> str:
    """A generated MRN: "MRN-00042", or "MRN-2026-000042" where the practice numbers by year (C-3)."""
    return f"MRN-{number:05d}" if year is None else f"MRN-{year}-{number:06d}"


def dialled(phone: str) -> str:
    """A number as a telephone takes it: the digits, after a plus where there is one: "+15550101234"."""
    digits = normalise_digits(phone)
    return f"+{digits}" if digits and phone.strip().startswith("+") else digits


def format_ssn(ssn: str) -> str:
    """Nine digits as they are written: "123-45-6789"; "" for none."""
    digits = normalise_digits(ssn)
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}" if digits else ""


def patient_faults(values: dict[str, Any], today: date, mrn_max: int = MRN_MAX_BY_HAND) -> dict[str, str]:
    """Which of the given fields break a rule, with a stable code each. Fields that are not given are not judged."""
    faults: dict[str, str] = {}
    for name, code in ((name, _fault_of(name, value, today, mrn_max)) for name, value in values.items()):
        if code:
            faults[name] = code
    return faults


def _fault_of(name: str, value: Any, today: date, mrn_max: int) -> str:
    if name in ("first_name", "last_name"):
        return _name_fault(value)
    if name == "date_of_birth":
        return _birth_fault(value, today)
    if name == "gender":
        return "" if value in set(Gender) else "unknown_choice"
    if name == "conditions":
        return _unknown(value, set(Condition))
    if name == "time_zone":
        return "" if not value or value in available_timezones() else "unknown_choice"
    if name == "expected_days_between":
        return "" if 1 <= value <= LONGEST_DAYS_BETWEEN else "out_of_range"
    if name == "mrn":
        return "" if not value or (len(value) <= mrn_max and normalise_code(value)) else "too_long"
    if name == "phone":
        return "" if not value or PHONE_MIN_DIGITS <= len(normalise_digits(value)) <= len(value) <= 40 else "malformed"
    if name in _LONGEST and len(value or "") > _LONGEST[name]:
        return "too_long"
    pattern = {"email": _EMAIL, "state": _STATE, "postal_code": _ZIP, "ssn": _SSN}.get(name)
    return "" if pattern is None or not value or pattern.fullmatch(value) else "malformed"


def _name_fault(value: str) -> str:
    if not normalise_name(value):
        return "required"
    return "too_long" if len(value) > NAME_MAX else ""


def _birth_fault(value: date | None, today: date) -> str:
    if value is None:
        return "required"
    if value > today:
        return "in_future"
    return "too_old" if age_on(value, today) > OLDEST_AGE else ""


def _unknown(values: Iterable[str], known: set[Any]) -> str:
    return "" if all(value in known for value in values) else "unknown_choice"

"""Registering patients, changing, archiving and restoring them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from apps.authentication.selectors import is_member
from apps.authentication.types import Permission
from apps.core.patients.models import DeviceDirectory, MrnCounter, Patient, SearchToken
from apps.core.patients.rules import MRN_MAX_BY_HAND, format_mrn, local_day, patient_faults, search_keys
from apps.core.patients.selectors.patients import find_patient, mrn_tag
from apps.core.patients.selectors.search import partition_of, token_tag
from apps.core.patients.services.devices import release_all
from apps.core.patients.types import Gender, InvalidPatient, MrnTaken, StaleVersion
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.selectors import get_practice
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor
from apps.settings.selectors import get_preferences
from apps.settings.types import MrnPattern

_PROFILE = ("conditions", "oxygen_target_low", "on_oxygen")
_SEARCHED = ("first_name", "last_name", "mrn", "phone")
_TEXTS = ("first_name", "last_name", "mrn", "phone", "email", "city", "state", "postal_code", "ssn", "time_zone")
_CHANGEABLE = frozenset(
    {*_TEXTS, *_PROFILE, "date_of_birth", "gender", "address_lines", "assigned_provider_id", "expected_days_between"}
)


def register_patient(
    *,
    first_name: str,
    last_name: str,
    date_of_birth: date,
    gender: Gender | str = Gender.UNKNOWN,
    mrn: str | None = None,
    phone: str = "",
    email: str = "",
    address_lines: Sequence[str] = (),
    city: str = "",
    state: str = "",
    postal_code: str = "",
    ssn: str = "",
    time_zone: str = "",
    conditions: Sequence[str] = (),
    oxygen_target_low: bool = False,
    on_oxygen: bool = False,
    assigned_provider_id: UUID | None = None,
    monitoring_since: date | None = None,
    mrn_max: int = MRN_MAX_BY_HAND,
    by: Actor,
) -> UUID:
    """The patient is active in the practice in scope and can be found; the id is returned.

    Without an MRN the practice's next number is given; without a time zone, the practice's. Monitoring counts from
    today unless said otherwise. Raises InvalidPatient naming the fields at fault, or MrnTaken.
    """
    by.require(Permission.PATIENT_CREATE)
    entered = _cleaned(
        {
            "first_name": first_name,
            "last_name": last_name,
            "date_of_birth": date_of_birth,
            "gender": gender,
            "mrn": mrn or "",
            "phone": phone,
            "email": email,
            "address_lines": address_lines,
            "city": city,
            "state": state,
            "postal_code": postal_code,
            "ssn": ssn,
            "time_zone": time_zone,
            "conditions": conditions,
            "oxygen_target_low": oxygen_target_low,
            "on_oxygen": on_oxygen,
            "assigned_provider_id": assigned_provider_id,
        },
        mrn_max,
    )
    practice_id = current_practice_id()
    with audit.change("patient.create", by=by) as log:
        patient = Patient(practice_id=practice_id)
        log.subject = ("patient", patient.id)
        entered["time_zone"] = entered["time_zone"] or get_practice(practice_id).time_zone
        patient.monitoring_since = monitoring_since or local_day(timezone.now(), entered["time_zone"])
        entered["mrn"] = entered["mrn"] or _next_mrn(patient.monitoring_since.year)
        _apply(patient, entered)
        _save_unique(patient)
        _index(patient)
        return patient.id


def change_patient(
    *,
    patient_id: UUID,
    changes: dict[str, Any],
    expected_version: int | None = None,
    mrn_max: int = MRN_MAX_BY_HAND,
    by: Actor,
) -> int:
    """The named fields hold the new values, everything else is as it was; the new version is returned.

    Raises NotFound, InvalidPatient (for an archived patient under "status", which is read-only), MrnTaken, or
    StaleVersion when someone else changed the patient after `expected_version`.
    """
    by.require(Permission.PATIENT_CHANGE)
    unknown = set(changes) - _CHANGEABLE
    if unknown:
        raise InvalidPatient(dict.fromkeys(unknown, "unknown_field"))
    entered = _cleaned(changes, mrn_max)
    for name in ("mrn", "time_zone"):
        if not entered.get(name, "kept"):
            del entered[name]
    with audit.change("patient.change", subject=("patient", patient_id), by=by):
        patient = _locked(patient_id)
        if not patient.active:
            raise InvalidPatient({"status": "archived"})
        if expected_version is not None and patient.version != expected_version:
            raise StaleVersion
        _apply(patient, entered)
        patient.version += 1
        _save_unique(patient)
        if any(name in entered for name in _SEARCHED):
            SearchToken.objects.filter(patient_id=patient_id).delete()
            _index(patient)
        return patient.version


def archive_patient(*, patient_id: UUID, reason: str, release_devices: bool = True, by: Actor) -> None:
    """The patient is read-only, in the archived list, and wears nothing unless the devices were to stay.

    What billing and triage have to do about it is the caller's, above both. Repeating it changes nothing. Raises
    NotFound, or InvalidPatient without a reason.
    """
    by.require(Permission.PATIENT_ARCHIVE)
    if not reason.strip():
        raise InvalidPatient({"reason": "required"})
    with audit.change("patient.archive", subject=("patient", patient_id), by=by, reason=reason):
        patient = _locked(patient_id)
        if not patient.active:
            return
        now = timezone.now()
        _apply(patient, {**_archived(now, by.user_id, reason.strip()), "version": patient.version + 1})
        patient.save()
        if release_devices:
            release_all(patient_id, now)
        DeviceDirectory.objects.filter(patient_id=patient_id).update(patient_active=False)


def restore_patient(*, patient_id: UUID, reason: str, by: Actor) -> None:
    """The patient is active again and wears nothing. Raises NotFound, or InvalidPatient without a reason."""
    by.require(Permission.PATIENT_RESTORE)
    if not reason.strip():
        raise InvalidPatient({"reason": "required"})
    with audit.change("patient.restore", subject=("patient", patient_id), by=by, reason=reason):
        patient = _locked(patient_id)
        _apply(patient, {**_archived(None, None, ""), "version": patient.version + 1})
        patient.save()
        DeviceDirectory.objects.filter(patient_id=patient_id).update(patient_active=True)


def _archived(at: datetime | None, by_id: UUID | None, reason: str) -> dict[str, Any]:
    return {"active": at is None, "archived_at": at, "archived_by_id": by_id, "archive_reason": reason}


def _locked(patient_id: UUID) -> Patient:
    find_patient(patient_id)
    row: Patient = Patient.objects.select_for_update().get(id=patient_id)
    return row


def _cleaned(values: dict[str, Any], mrn_max: int) -> dict[str, Any]:
    cleaned = {name: value.strip() if name in _TEXTS else value for name, value in values.items()}
    if "state" in cleaned:
        cleaned["state"] = cleaned["state"].upper()
    if "address_lines" in cleaned:
        cleaned["address_lines"] = [line.strip() for line in cleaned["address_lines"] if line.strip()]
    faults = patient_faults(cleaned, timezone.now().date(), mrn_max)
    provider_id = cleaned.get("assigned_provider_id")
    if provider_id is not None and not is_member(provider_id):
        faults["assigned_provider_id"] = "unknown_choice"
    if faults:
        raise InvalidPatient(faults)
    return cleaned


def _apply(patient: Patient, entered: dict[str, Any]) -> None:
    profile = dict(patient.clinical_profile)
    for name, value in entered.items():
        if name in _PROFILE:
            profile[name] = sorted(set(value)) if name == "conditions" else bool(value)
        else:
            setattr(patient, name, value)
    patient.clinical_profile = profile
    if "mrn" in entered:
        patient.mrn_tag = _mrn_tag(entered["mrn"])


def _save_unique(patient: Patient) -> None:
    try:
        with transaction.atomic():
            patient.save()
    except IntegrityError:
        others = Patient.objects.filter(mrn_tag=patient.mrn_tag).exclude(id=patient.id)
        if others.exists():
            raise MrnTaken from None
        raise


def _mrn_tag(mrn: str) -> int:
    return mrn_tag(current_practice_id(), mrn)


def _next_mrn(year: int) -> str:
    """The next free number. Whoever raised the counter holds its row until the end of the transaction."""
    by_year = get_preferences().mrn_pattern is MrnPattern.YEARLY
    key = year if by_year else 0
    counter = MrnCounter.objects.filter(year=key)
    while True:
        if not counter.update(last_number=F("last_number") + 1):
            MrnCounter.objects.bulk_create([MrnCounter(year=key)], ignore_conflicts=True)
            continue
        mrn = format_mrn(counter.get().last_number, year if by_year else None)
        if not Patient.objects.filter(mrn_tag=_mrn_tag(mrn)).exists():
            return mrn


def _index(patient: Patient) -> None:
    keys = search_keys(first_name=patient.first_name, last_name=patient.last_name, mrn=patient.mrn, phone=patient.phone)
    partition = partition_of(patient.id)
    SearchToken.objects.bulk_create(
        SearchToken(
            practice_id=patient.practice_id,
            kind=key.kind,
            tag=token_tag(patient.practice_id, key, partition),
            patient_id=patient.id,
        )
        for key in sorted(keys, key=lambda key: (key.kind, key.text))
    )

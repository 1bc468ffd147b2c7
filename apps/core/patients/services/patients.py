"""Registering patients, changing, archiving and restoring them."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from apps.authentication.selectors import is_member
from apps.authentication.types import Permission, Role
from apps.core.patients.models import CareTeamMember, MrnCounter, Patient
from apps.core.patients.rules.demographics import TOLD_OF, demographics_to_json, without_what_was_told_of
from apps.core.patients.rules.panels import TEAM_ROLE_OF
from apps.core.patients.rules.patients import MRN_MAX_BY_HAND, format_mrn, local_day, patient_faults
from apps.core.patients.selectors.panels import panel_of
from apps.core.patients.selectors.patients import mrn_tags
from apps.core.patients.services.identifiers import (
    checked_external_id,
    checked_identifiers,
    write_external_id,
    write_identifiers,
)
from apps.core.patients.services.index import held_mrn_tags, index_patient, mark_as_indexed
from apps.core.patients.services.records import lock_open_record
from apps.core.patients.types import (
    Demographics,
    Gender,
    IdentifierInput,
    InvalidPatient,
    MrnTaken,
    StaleVersion,
)
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.selectors import get_practice
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor
from apps.settings.selectors import get_preferences
from apps.settings.types import MrnPattern

_PROFILE = ("conditions", "oxygen_target_low", "on_oxygen", "on_diuretics")
_SEARCHED = ("first_name", "last_name", "date_of_birth", "mrn", "phone", "email", "external_id")
_BEYOND = ("external_id", "demographics")
_TEXTS = ("first_name", "last_name", "mrn", "phone", "email", "city", "state", "postal_code", "ssn", "time_zone")
_CHANGEABLE = frozenset(
    {
        *_TEXTS,
        *_PROFILE,
        *_BEYOND,
        "date_of_birth",
        "gender",
        "address_lines",
        "assigned_provider_id",
        "expected_days_between",
    }
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
    on_diuretics: bool = False,
    assigned_provider_id: UUID | None = None,
    monitoring_since: date | None = None,
    external_id: str = "",
    identifiers: Sequence[IdentifierInput] = (),
    demographics: Demographics | None = None,
    expected_days_between: int = 1,
    mrn_max: int = MRN_MAX_BY_HAND,
    duplicate_reason: str = "",
    source: str = "",
    by: Actor,
) -> UUID:
    """The patient is active in the practice in scope and can be found; the id is returned.

    Without an MRN the practice's next number is given; without a time zone, the practice's. Monitoring counts from
    today unless said otherwise. `duplicate_reason` says why somebody was added who resembles a patient on record; the
    log keeps it, and `source`, where the patient came from another system. `external_id` is the number in the EMR
    (C-44). Raises InvalidPatient naming the fields at fault, MrnTaken, or IdentifierTaken.
    """
    by.require(Permission.PATIENT_CREATE)
    _require_clinician(oxygen_target_low, by)
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
            "on_diuretics": on_diuretics,
            "assigned_provider_id": assigned_provider_id,
            "expected_days_between": expected_days_between,
        },
        mrn_max,
    )
    emr_number = checked_external_id(external_id)
    numbers = [*([emr_number] if emr_number else []), *checked_identifiers(identifiers)]
    practice_id = current_practice_id()
    with audit.change("patient.create", by=by, reason=duplicate_reason.strip()) as log:
        patient = Patient(practice_id=practice_id)
        log.subject = ("patient", patient.id)
        if source:
            log.note(source=source)
        entered["time_zone"] = entered["time_zone"] or get_practice(practice_id).time_zone
        patient.monitoring_since = monitoring_since or local_day(timezone.now(), entered["time_zone"])
        entered["mrn"] = entered["mrn"] or _next_mrn(patient.monitoring_since.year)
        _apply(patient, entered)
        patient.demographics = demographics_to_json(demographics)
        mark_as_indexed(patient)
        _save_unique(patient)
        write_identifiers(patient, numbers)
        index_patient(patient)
        _keep_on_panel(patient, by)
        return patient.id


def check_patient(
    *, values: dict[str, Any], identifiers: Sequence[IdentifierInput] = (), mrn_max: int = MRN_MAX_BY_HAND
) -> None:
    """Returns where register_patient would take these values; nothing is written. Raises InvalidPatient."""
    _cleaned(values, mrn_max)
    checked_identifiers(identifiers)


def change_patient(
    *,
    patient_id: UUID,
    changes: dict[str, Any],
    expected_version: int | None = None,
    mrn_max: int = MRN_MAX_BY_HAND,
    by: Actor,
) -> int:
    """The named fields hold the new values, everything else is as it was; the new version is returned.

    What changes nothing makes no version and no row of the log. An empty `external_id` takes the EMR's number away.
    Raises NotFound, InvalidPatient (for an archived patient under "status", which is read-only), MrnTaken,
    IdentifierTaken, or StaleVersion when someone else changed the patient after `expected_version`.
    """
    by.require(Permission.PATIENT_CHANGE)
    unknown = set(changes) - _CHANGEABLE
    if unknown:
        raise InvalidPatient(dict.fromkeys(unknown, "unknown_field"))
    beyond = {name: changes[name] for name in _BEYOND if name in changes}
    entered = _cleaned({name: value for name, value in changes.items() if name not in _BEYOND}, mrn_max)
    emr_number = checked_external_id(beyond.get("external_id") or "")
    for name in ("mrn", "time_zone"):
        if not entered.get(name, "kept"):
            del entered[name]
    with audit.change("patient.change", subject=("patient", patient_id), by=by) as log:
        patient = lock_open_record(patient_id)
        if expected_version is not None and patient.version != expected_version:
            raise StaleVersion(patient.version)
        provider_before = patient.assigned_provider_id
        if by.circumstance and entered.get("assigned_provider_id", provider_before) != provider_before:
            raise InvalidPatient({"assigned_provider_id": "in_emergency"})
        low_before = patient.clinical_flag("oxygen_target_low")
        _require_clinician(entered.get("oxygen_target_low", low_before) != low_before, by)
        moved = [name for name in TOLD_OF if name in entered and entered[name] != getattr(patient, name)]
        _apply(patient, entered)
        if "demographics" in beyond:
            patient.demographics = demographics_to_json(beyond["demographics"])
        elif moved:
            patient.demographics = without_what_was_told_of(patient.demographics, moved)
        if "external_id" in beyond:
            write_external_id(patient, emr_number, log)
        if not log.rows and not patient.has_changes():
            log.cancel()
            return patient.version
        patient.version += 1
        _save_unique(patient)
        if any(name in changes for name in _SEARCHED):
            index_patient(patient)
        return patient.version


def _keep_on_panel(patient: Patient, by: Actor) -> None:
    """Whoever registers a patient may open the chart: where that is limited, they join the care team."""
    member = panel_of(by)
    if member is None or member == patient.assigned_provider_id:
        return
    role, today = TEAM_ROLE_OF[Role(by.role)], timezone.localdate()
    CareTeamMember(patient=patient, member_id=member, team_role=role, starts_on=today).save()


def _require_clinician(oxygen_target_moves: bool, by: Actor) -> None:
    """Requirements 4.1: the low oxygen target is applied only where a clinician marks the patient."""
    if oxygen_target_moves:
        by.require(Permission.THRESHOLD_CHANGE)


def _cleaned(values: dict[str, Any], mrn_max: int) -> dict[str, Any]:
    cleaned = {name: value.strip() if name in _TEXTS else value for name, value in values.items()}
    if "state" in cleaned:
        cleaned["state"] = cleaned["state"].upper()
    if "address_lines" in cleaned:
        cleaned["address_lines"] = [line.strip() for line in cleaned["address_lines"] if line.strip()]
    today = local_day(timezone.now(), get_practice(current_practice_id()).time_zone)
    faults = patient_faults(cleaned, today, mrn_max)
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
        tags = held_mrn_tags(entered["mrn"])
        if patient.mrn_tag not in tags:
            patient.mrn_tag = tags[0]


def _save_unique(patient: Patient) -> None:
    tags = mrn_tags(current_practice_id(), patient.mrn)
    others = Patient.objects.filter(mrn_tag__in=tags).exclude(id=patient.id)
    try:
        with transaction.atomic():
            if len(tags) > 1 and others.exists():
                raise IntegrityError
            patient.save()
    except IntegrityError:
        holder = others.first()
        if holder is not None:
            raise MrnTaken(holder.id) from None
        raise


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
        if not Patient.objects.filter(mrn_tag__in=held_mrn_tags(mrn)).exists():
            return mrn

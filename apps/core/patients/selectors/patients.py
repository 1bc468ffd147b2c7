"""Reading patients: for the chart, for other apps' lists, and for judging readings."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils import timezone

from apps.authentication.types import Permission
from apps.core.patients.models import ExternalIdentifier, Patient
from apps.core.patients.rules.demographics import demographics_from_json, tells_of_death
from apps.core.patients.rules.patients import age_on, display_name, local_day, status_of
from apps.core.patients.selectors.panels import within_panel
from apps.core.patients.types import (
    EMR_SYSTEM,
    Gender,
    IdentifierType,
    NotFound,
    PatientBanner,
    PatientContext,
    PatientDetail,
    PatientStatus,
    RiskLevel,
)
from apps.foundation.audit import services as audit
from apps.foundation.encryption.rules import normalise_code
from apps.foundation.encryption.services import blind_indexes, read_index_keys_again, unseal
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor

_CONTEXT_COLUMNS = (
    "id",
    "practice_id",
    "time_zone",
    "clinical_profile",
    "active",
    "archived_at",
    "deleted_at",
    "monitoring_since",
    "expected_days_between",
    "last_transmission_at",
    "assigned_provider_id",
    "version",
)


def visible_patients() -> QuerySet[Patient]:
    """Every patient of the practice in scope that anyone but an administrator's tool may see."""
    rows: QuerySet[Patient] = Patient.objects.filter(deleted_at__isnull=True)
    return rows


def find_patient(patient_id: UUID) -> Patient:
    """The row, or NotFound; another practice's id is not found. For this app's own selectors and services."""
    row: Patient | None = visible_patients().filter(id=patient_id).first()
    if row is None:
        raise NotFound("patient")
    return row


def get_patient(patient_id: UUID, *, by: Actor) -> PatientDetail:
    """Everything about one patient, and the disclosure is recorded. Raises NotFound."""
    by.require(Permission.PATIENT_READ)
    row = find_patient(patient_id)
    audit.record_disclosure("patient.read", subjects=[("patient", row.id)], by=by)
    return detail_of(row, with_ssn=by.may(Permission.PATIENT_SSN_REVEAL))


def plain_choices(patient_id: UUID, *, by: Actor) -> dict[str, Any]:
    """What a form must offer because it stands: state, time zone and provider, none of which names the patient.

    Nothing is recorded. Raises NotFound.
    """
    by.require(Permission.PATIENT_CHANGE)
    found: dict[str, Any] | None = (
        visible_patients().filter(id=patient_id).values("state", "time_zone", "assigned_provider_id").first()
    )
    if found is None:
        raise NotFound("patient")
    return found


def patient_banner(patient_id: UUID, *, by: Actor) -> PatientBanner:
    """Who the chart is about, and the disclosure is recorded. Raises NotFound."""
    by.require(Permission.PATIENT_READ)
    row = find_patient(patient_id)
    audit.record_disclosure("patient.chart", subjects=[("patient", row.id)], by=by)
    return banner_of(row)


def patient_by_identifiers(*, mrn: str, date_of_birth: date, by: Actor, action: str) -> PatientBanner | None:
    """The active patient with exactly this MRN and this date of birth, or None: two identifiers, as at the bedside.

    Of the actor's panel, where the practice works in panels.

    A match is recorded as disclosed under `action`; a wrong pair tells nothing, not even which half was wrong.
    """
    by.require(Permission.PATIENT_READ)
    row = with_mrn(within_panel(visible_patients().filter(active=True), by), mrn)
    if row is None or row.date_of_birth != date_of_birth:
        return None
    audit.record_disclosure(action, subjects=[("patient", row.id)], by=by)
    return banner_of(row)


def mrn_tags(practice_id: UUID, mrn: str) -> tuple[int, ...]:
    """The tags under which the practice finds an MRN, however it is spaced, cased or hyphenated: the first to write."""
    return blind_indexes(practice_id, "patients.mrn", normalise_code(mrn))


def with_mrn(rows: QuerySet[Patient], mrn: str) -> Patient | None:
    """The one of these patients that has exactly this MRN, or None. Also while the practice changes its index key."""
    practice_id = current_practice_id()
    row = rows.filter(mrn_tag__in=mrn_tags(practice_id, mrn)).first()
    if row is None and read_index_keys_again(practice_id):
        row = rows.filter(mrn_tag__in=mrn_tags(practice_id, mrn)).first()
    return row if row is not None and normalise_code(row.mrn) == normalise_code(mrn) else None


def patient_banners(patient_ids: Collection[UUID], *, by: Actor | None = None) -> dict[UUID, PatientBanner]:
    """The banners of several patients in one query. Whoever shows them checks the permission and records it.

    For a list name the actor: then only those of their panel.
    """
    rows = visible_patients().filter(id__in=set(patient_ids))
    return {row.id: banner_of(row) for row in (within_panel(rows, by) if by is not None else rows)}


def require_banner(patient_id: UUID) -> PatientBanner:
    """Whom a page is about. Its permission is checked and its disclosure recorded beside this. Raises NotFound."""
    banner = patient_banners([patient_id]).get(patient_id)
    if banner is None:
        raise NotFound("patient")
    return banner


def patient_contexts(patient_ids: Collection[UUID]) -> dict[UUID, PatientContext]:
    """What judging readings needs to know, deleted patients included, in one query. For the system's own work."""
    rows = Patient.objects.filter(id__in=set(patient_ids)).values(*_CONTEXT_COLUMNS)
    return {row["id"]: _context_of(row) for row in rows}


def active_patient_ids() -> list[UUID]:
    """The ids of every monitored patient of the practice in scope. For the system's own work."""
    return list(visible_patients().filter(active=True).values_list("id", flat=True))


def status_counts(*, by: Actor) -> dict[RiskLevel, int]:
    """How many active patients of those whom the actor may open stand at each risk level.

    The index `patient_by_triage` answers by itself: "active" is said as it says it.
    """
    by.require(Permission.PATIENT_READ)
    rows = (
        within_panel(visible_patients().filter(archived_at__isnull=True), by)
        .values("risk_level")
        .annotate(count=Count("id"))
        .order_by()
    )
    counted = {row["risk_level"]: row["count"] for row in rows}
    return {level: counted.get(level.value, 0) for level in RiskLevel}


def banner_of(row: Patient) -> PatientBanner:
    """A row opened as far as a banner shows it."""
    today = local_day(timezone.now(), row.time_zone)
    return PatientBanner(
        id=row.id,
        display_name=display_name(row.first_name, row.last_name),
        first_name=row.first_name,
        last_name=row.last_name,
        date_of_birth=row.date_of_birth,
        age=age_on(row.date_of_birth, today),
        gender=Gender(row.gender),
        mrn=row.mrn,
        conditions=row.conditions,
        assigned_provider_id=row.assigned_provider_id,
        status=row.status,
        monitoring_since=row.monitoring_since,
        time_zone=row.time_zone,
        is_deceased=tells_of_death(row.demographics),
    )


def detail_of(row: Patient, *, with_ssn: bool, external_id: str | None = None) -> PatientDetail:
    """A row opened whole; of the SSN the last four digits at most, and those to few roles (C-41).

    Who opens many rows gives the `external_id` of each, and gets no demographics: they cost more than all the rest.
    """
    return PatientDetail(
        banner=banner_of(row),
        phone=row.phone,
        email=row.email,
        address_lines=tuple(row.address_lines),
        city=row.city,
        state=row.state,
        postal_code=row.postal_code,
        ssn_last_four=row.ssn[-4:] if with_ssn else "",
        oxygen_target_low=row.clinical_flag("oxygen_target_low"),
        on_oxygen=row.clinical_flag("on_oxygen"),
        on_diuretics=row.clinical_flag("on_diuretics"),
        expected_days_between=row.expected_days_between,
        risk_score=row.risk_score,
        risk_level=RiskLevel(row.risk_level),
        open_alerts=row.open_alerts,
        unacknowledged_alerts=row.unacknowledged_alerts,
        last_reading_at=row.last_reading_at,
        last_transmission_at=row.last_transmission_at,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        archived_at=row.archived_at,
        archived_by_id=row.archived_by_id,
        archive_reason=row.archive_reason,
        external_id=_external_id(row) if external_id is None else external_id,
        demographics=demographics_from_json(row.demographics if external_id is None else None),
    )


def emr_numbers(patient_ids: Collection[UUID]) -> QuerySet[ExternalIdentifier]:
    """The rows that the `external_id` of these patients stands in (C-44)."""
    rows: QuerySet[ExternalIdentifier] = ExternalIdentifier.objects.filter(
        patient_id__in=set(patient_ids), system=EMR_SYSTEM, type=IdentifierType.PATIENT_ID, is_primary=True
    )
    return rows


def _external_id(row: Patient) -> str:
    held = emr_numbers([row.id]).first()
    return held.value if held is not None else ""


def _context_of(row: dict[str, Any]) -> PatientContext:
    sealed = row["clinical_profile"]
    profile = unseal(Patient, "clinical_profile", sealed, practice_id=row["practice_id"], row_id=row["id"]) or {}
    return PatientContext(
        id=row["id"],
        practice_id=row["practice_id"],
        time_zone=row["time_zone"],
        conditions=tuple(profile.get("conditions", ())),
        oxygen_target_low=bool(profile.get("oxygen_target_low", False)),
        on_oxygen=bool(profile.get("on_oxygen", False)),
        on_diuretics=bool(profile.get("on_diuretics", False)),
        active=row["active"] and status_of(row["archived_at"], row["deleted_at"]) is PatientStatus.ACTIVE,
        monitoring_since=row["monitoring_since"],
        expected_days_between=row["expected_days_between"],
        last_transmission_at=row["last_transmission_at"],
        assigned_provider_id=row["assigned_provider_id"],
        version=row["version"],
    )

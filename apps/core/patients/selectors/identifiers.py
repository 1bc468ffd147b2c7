"""Reading who a patient is in other systems, and finding a patient by that: by an index, never by opening rows."""

from collections.abc import Collection
from uuid import UUID

from apps.authentication.types import Permission
from apps.core.patients.models import ExternalIdentifier
from apps.core.patients.rules.identifiers import index_name, may_be_primary, normalise_system, shown_value
from apps.core.patients.selectors.patients import find_patient, visible_patients, with_mrn
from apps.core.patients.types import OUR_SYSTEM, IdentifierInput, IdentifierType, IdentifierView
from apps.foundation.audit import services as audit
from apps.foundation.encryption.services import blind_indexes, read_index_keys_again
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor


def identifiers_of(patient_id: UUID, *, by: Actor) -> tuple[IdentifierView, ...]:
    """The patient's numbers in other systems, by system, and the disclosure is recorded. Raises NotFound."""
    by.require(Permission.PATIENT_READ)
    row = find_patient(patient_id)
    audit.record_disclosure("patient.identifiers", subjects=[("patient", row.id)], by=by)
    return identifier_views([row.id], with_ssn=by.may(Permission.PATIENT_SSN_REVEAL)).get(row.id, ())


def identifier_views(patient_ids: Collection[UUID], *, with_ssn: bool) -> dict[UUID, tuple[IdentifierView, ...]]:
    """The numbers of several patients in one query. Whoever shows them checks the permission and records it."""
    rows = ExternalIdentifier.objects.filter(patient_id__in=set(patient_ids))
    found: dict[UUID, tuple[IdentifierView, ...]] = {}
    for row in rows.order_by("system", "-is_primary", "type", "created_at", "id"):
        found[row.patient_id] = (*found.get(row.patient_id, ()), _view(row, with_ssn=with_ssn))
    return found


def patient_by_external_id(system: str, value: str, *, kind: IdentifierType | None = None, by: Actor) -> UUID | None:
    """The id of the patient who has this number in that system, or None; deleted patients are not found.

    One indexed query. Without a kind, of any kind; the MRN is a number of "vantrexia". Whoever opens the record then
    records it.
    """
    by.require(Permission.PATIENT_READ)
    system, value = normalise_system(system), value.strip()
    if system == OUR_SYSTEM and kind in (None, IdentifierType.MEDICAL_RECORD):
        held = _patient_by_mrn(value)
        if held is not None:
            return held
    kinds = tuple(IdentifierType) if kind is None else (kind,)
    found = _holder(system, value, kinds)
    if found is None and read_index_keys_again(current_practice_id()):
        found = _holder(system, value, kinds)
    return found


def patient_by_mrn(mrn: str, *, by: Actor) -> UUID | None:
    """The id of the patient with this MRN, or None; one indexed query. Whoever opens the record then records it."""
    by.require(Permission.PATIENT_READ)
    return _patient_by_mrn(mrn)


def identifier_tags(practice_id: UUID, given: IdentifierInput) -> list[int]:
    """Every tag under which the practice may hold a cleaned identifier; the first is the one to write."""
    return list(blind_indexes(practice_id, index_name(given.system, given.type), given.value))


def _patient_by_mrn(mrn: str) -> UUID | None:
    row = with_mrn(visible_patients(), mrn)
    return None if row is None else row.id


def _holder(system: str, value: str, kinds: Collection[IdentifierType]) -> UUID | None:
    tags = [tag for one in kinds for tag in identifier_tags(current_practice_id(), IdentifierInput(system, value, one))]
    rows = ExternalIdentifier.objects.filter(system=system, tag__in=tags, patient__deleted_at__isnull=True)
    return next((row.patient_id for row in rows if row.value == value and row.type in kinds), None)


def _view(row: ExternalIdentifier, *, with_ssn: bool) -> IdentifierView:
    return IdentifierView(
        id=row.id,
        system=row.system,
        value=shown_value(row.value, row.type, with_ssn=with_ssn),
        type=IdentifierType(row.type),
        is_primary=row.is_primary,
        created_at=row.created_at,
        may_be_primary=may_be_primary(row.system, row.type),
    )

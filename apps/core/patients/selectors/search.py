"""Finding patients through the blind index, without opening any but the rows that are shown."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, F, OrderBy, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.authentication.types import Permission
from apps.core.patients.models import DeviceAssignment, Patient, SearchToken
from apps.core.patients.rules import (
    MRN,
    NAME,
    NAME_PARTITIONS,
    PHONE,
    Alternative,
    SearchKey,
    age_on,
    display_name,
    local_day,
    matches_query,
    search_tokens,
)
from apps.core.patients.selectors.patients import visible_patients
from apps.core.patients.types import Gender, PatientFilters, PatientPage, PatientRow, PatientStatus, RiskLevel
from apps.foundation.audit import services as audit
from apps.foundation.encryption.services import blind_index, unseal
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.types import place_of_page

_BITS = {NAME: 32, MRN: 63, PHONE: 40}
_TOKEN_VERSION = 1
PAGE_SIZE = 25
MAX_PAGE_SIZE = 100
NAME_ORDER_LIMIT = 5_000
"""Up to this many hits can be put in the order of their names, which needs all of them opened (C-50)."""

_NO_DATA_RANK = 51
_TRIAGE_RANK = Coalesce(F("risk_score") * 2, Value(_NO_DATA_RANK))
"""Whoever has no score stands between warning (26 and more) and normal (25 and less)."""

ORDERINGS: dict[str, tuple[OrderBy | str, ...]] = {
    "risk": (F("risk_score").asc(nulls_last=True), "id"),
    "-risk": (F("risk_score").desc(nulls_last=True), "id"),
    "triage": (_TRIAGE_RANK.asc(), "id"),
    "-triage": (_TRIAGE_RANK.desc(), "id"),
    "created": ("created_at", "id"),
    "-created": ("-created_at", "-id"),
    "last_transmission": (F("last_transmission_at").asc(nulls_first=True), "id"),
    "-last_transmission": (F("last_transmission_at").desc(nulls_last=True), "id"),
}
NAME_ORDERINGS = ("name", "-name")


def token_tag(practice_id: UUID, key: SearchKey, partition: int) -> int:
    """The tag under which a key stands in the index. Only names are spread over partitions."""
    name = f"patients.search.{key.kind}.{_TOKEN_VERSION}"
    if key.kind == NAME:
        name = f"{name}.{partition}"
    return blind_index(practice_id, name, key.text, bits=_BITS[key.kind])


def partition_of(patient_id: UUID) -> int:
    """The partition in which a patient's name tokens stand."""
    return patient_id.int % NAME_PARTITIONS


def search_patients(*, filters: PatientFilters, by: Actor) -> QuerySet[Patient]:
    """The patients that the filters leave, in the asked order, nothing opened yet. Order by name is `patient_page`'s.

    Whoever shows rows of it records the disclosure; `patient_page` does both.
    """
    by.require(Permission.PATIENT_READ)
    rows = _with_status(visible_patients(), filters.status)
    if filters.risk_level is not None:
        rows = rows.filter(risk_level=filters.risk_level)
    if filters.assigned_to is not None:
        rows = rows.filter(assigned_provider_id=filters.assigned_to)
    if filters.unacknowledged is not None:
        rows = (
            rows.filter(unacknowledged_alerts__gt=0) if filters.unacknowledged else rows.filter(unacknowledged_alerts=0)
        )
    if filters.has_device is not None:
        rows = rows.filter(Exists(_worn_now()) if filters.has_device else ~Exists(_worn_now()))
    rows = with_query(rows, filters.query)
    return rows.order_by(*ORDERINGS.get(filters.ordering, ORDERINGS["-risk"]))


def with_query(rows: QuerySet[Patient], query: str) -> QuerySet[Patient]:
    """Those of the patients that the index proposes for a typed query."""
    practice_id = current_practice_id()
    for alternatives in search_tokens(query):
        hit = Q()
        for alternative in alternatives:
            hit |= _all_of(practice_id, alternative)
        rows = rows.filter(hit)
    return rows


def patient_page(
    *,
    filters: PatientFilters,
    page: int = 1,
    page_size: int = PAGE_SIZE,
    by: Actor,
    action: str = "patient.list",
    still_looking: bool = False,
) -> PatientPage:
    """One page of the list, opened and verified; its disclosure is recorded. A page past the end is the last one.

    With `still_looking` the page draws itself anew, and only those not shown to the actor lately are recorded.
    """
    size = max(1, min(page_size, MAX_PAGE_SIZE))
    found = search_patients(filters=filters, by=by)
    total = found.count()
    number, shown = place_of_page(page, total, size)
    rows = _by_name(found, filters.ordering, shown) if _sorts_by_name(filters, total) else list(found[shown])
    opened = [row_of(row) for row in rows if _answers(row, filters.query)]
    record = audit.record_further_disclosure if still_looking else audit.record_disclosure
    record(action, subjects=[("patient", row.id) for row in opened], by=by)
    return PatientPage(tuple(opened), total, number, size)


def row_of(row: Patient) -> PatientRow:
    """A row opened as far as the list shows it."""
    born = row.date_of_birth
    return PatientRow(
        id=row.id,
        display_name=display_name(row.first_name, row.last_name),
        date_of_birth=born,
        age=age_on(born, local_day(timezone.now(), row.time_zone)),
        gender=Gender(row.gender),
        mrn=row.mrn,
        status=row.status,
        risk_score=row.risk_score,
        risk_level=RiskLevel(row.risk_level),
        open_alerts=row.open_alerts,
        last_transmission_at=row.last_transmission_at,
        assigned_provider_id=row.assigned_provider_id,
    )


def _with_status(rows: QuerySet[Patient], status: PatientStatus | None) -> QuerySet[Patient]:
    if status is None:
        return rows
    if status is PatientStatus.DELETED:
        return rows.none()
    return rows.filter(archived_at__isnull=status is PatientStatus.ACTIVE)


def _worn_now() -> QuerySet[DeviceAssignment]:
    now = timezone.now()
    worn: QuerySet[DeviceAssignment] = DeviceAssignment.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=now), patient_id=OuterRef("id"), starts_at__lte=now
    )
    return worn


def _all_of(practice_id: UUID, alternative: Alternative) -> Q:
    everything = Q()
    for key in alternative:
        partitions: Iterable[int] = range(NAME_PARTITIONS) if key.kind == NAME else (0,)
        tags = [token_tag(practice_id, key, partition) for partition in partitions]
        holders = SearchToken.objects.filter(kind=key.kind, version=_TOKEN_VERSION, tag__in=tags)
        everything &= Q(id__in=holders.values("patient_id"))
    return everything


def _answers(row: Patient, query: str) -> bool:
    if not query.strip():
        return True
    return matches_query(query, first_name=row.first_name, last_name=row.last_name, mrn=row.mrn, phone=row.phone)


def _sorts_by_name(filters: PatientFilters, total: int) -> bool:
    return filters.ordering in NAME_ORDERINGS and total <= NAME_ORDER_LIMIT


def _by_name(found: QuerySet[Patient], ordering: str, shown: slice) -> list[Patient]:
    practice_id = current_practice_id()

    def opened(row: tuple[UUID, object, object]) -> tuple[str, str, str]:
        last = unseal(Patient, "last_name", row[1], practice_id=practice_id, row_id=row[0])  # type: ignore[arg-type]
        first = unseal(Patient, "first_name", row[2], practice_id=practice_id, row_id=row[0])  # type: ignore[arg-type]
        return last.casefold(), first.casefold(), row[0].hex

    names = found.order_by().values_list("id", "last_name", "first_name")
    ordered = sorted(names, key=opened, reverse=ordering.startswith("-"))
    wanted = [row[0] for row in ordered[shown]]
    by_id = {row.id: row for row in found.filter(id__in=wanted)}
    return [by_id[row_id] for row_id in wanted]

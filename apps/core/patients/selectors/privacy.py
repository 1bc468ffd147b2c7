"""Reading what patients asked about their record: the queue, a patient's own, and restrictions that stand."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from apps.authentication.types import Permission
from apps.core.patients.models import PrivacyRequest
from apps.core.patients.rules.patients import local_day
from apps.core.patients.rules.privacy import days_left
from apps.core.patients.selectors.panels import panel_patients
from apps.core.patients.selectors.patients import banner_of, find_patient
from apps.core.patients.types import (
    Asker,
    NotFound,
    PatientBanner,
    PrivacyChannel,
    PrivacyFilters,
    PrivacyKind,
    PrivacyLine,
    PrivacyPage,
    PrivacyRequestView,
    PrivacyState,
)
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.selectors import get_practice
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.types import place_of_page

PAGE_SIZE = 25


def privacy_page(*, filters: PrivacyFilters, page: int = 1, page_size: int = PAGE_SIZE, by: Actor) -> PrivacyPage:
    """One page of the queue, the next due first; the disclosure of the rows shown is recorded."""
    by.require(Permission.PRIVACY_RECORD)
    today = _today()
    rows = _seen_by(by).filter(closed_on__isnull=not filters.closed)
    if filters.overdue:
        rows = rows.filter(closed_on__isnull=True, due_on__lt=today)
    if filters.kind is not None:
        rows = rows.filter(kind=filters.kind)
    total = rows.count()
    number, place = place_of_page(page, total, page_size)
    ordered = rows.order_by("-closed_on", "-id") if filters.closed else rows.order_by("due_on", "id")
    shown = list(ordered.select_related("patient")[place])
    lines = tuple(PrivacyLine(_view(row, today), banner_of(row.patient)) for row in shown)
    named = list(dict.fromkeys(("patient", row.patient_id) for row in shown))
    audit.record_disclosure("privacy.queue", subjects=named, by=by)
    return PrivacyPage(lines, total, number, page_size)


def overdue_requests(*, by: Actor) -> int:
    """How many requests should have been answered before today. No PHI."""
    by.require(Permission.PRIVACY_RECORD)
    return int(_seen_by(by).filter(closed_on__isnull=True, due_on__lt=_today()).count())


def privacy_requests_of(patient_id: UUID, *, by: Actor) -> tuple[PatientBanner, tuple[PrivacyRequestView, ...]]:
    """The patient's requests, those that wait first, then the newest; recorded as disclosed. Raises NotFound."""
    by.require(Permission.PRIVACY_RECORD)
    patient = find_patient(patient_id)
    audit.record_disclosure("privacy.read", subjects=[("patient", patient_id)], by=by)
    rows = PrivacyRequest.objects.filter(patient_id=patient_id).order_by("-received_on", "-id")
    views = _views(rows)
    return banner_of(patient), tuple(sorted(views, key=lambda view: (not view.is_waiting, not view.stands)))


def privacy_request(patient_id: UUID, request_id: UUID, *, by: Actor) -> PrivacyLine:
    """One request of the patient, and the disclosure is recorded. Raises NotFound."""
    by.require(Permission.PRIVACY_RECORD)
    row = PrivacyRequest.objects.filter(id=request_id, patient_id=patient_id).first()
    if row is None:
        raise NotFound("privacy request")
    audit.record_disclosure("privacy.read", subjects=[("patient", patient_id)], by=by)
    return PrivacyLine(_view(row, _today()), banner_of(find_patient(patient_id)))


def restrictions_on(patient_id: UUID, *, by: Actor) -> tuple[PrivacyRequestView, ...]:
    """What the practice agreed not to disclose about the patient. A part of a page that has recorded its disclosure."""
    by.require(Permission.PATIENT_READ)
    rows = PrivacyRequest.objects.filter(
        patient_id=patient_id,
        kind=PrivacyKind.RESTRICTION,
        state__in=(PrivacyState.GRANTED, PrivacyState.PARTLY),
        ended_on__isnull=True,
    )
    return tuple(_views(rows.order_by("closed_on", "id")))


def _seen_by(by: Actor) -> QuerySet[PrivacyRequest]:
    rows: QuerySet[PrivacyRequest] = PrivacyRequest.objects.filter(patient__deleted_at__isnull=True)
    among = panel_patients(by)
    return rows if among is None else rows.filter(patient_id__in=among)


def _views(rows: Iterable[PrivacyRequest]) -> list[PrivacyRequestView]:
    found = list(rows)
    today = _today() if found else date.min
    return [_view(row, today) for row in found]


def _today() -> date:
    return local_day(timezone.now(), get_practice(current_practice_id()).time_zone)


def _view(row: PrivacyRequest, today: date) -> PrivacyRequestView:
    return PrivacyRequestView(
        id=row.id,
        patient_id=row.patient_id,
        kind=PrivacyKind(row.kind),
        state=PrivacyState(row.state),
        received_on=row.received_on,
        channel=PrivacyChannel(row.channel),
        asked_by=Asker(row.asked_by),
        representative_name=row.representative_name,
        representative_relationship=row.representative_relationship,
        text=row.text,
        due_on=row.due_on,
        days_left=days_left(row.due_on, today),
        extended_on=row.extended_on,
        extension_reason=row.extension_reason,
        closed_on=row.closed_on,
        decided_by_id=row.decided_by_id,
        reason=row.reason,
        rights_explained=row.rights_explained,
        outcome=row.outcome,
        ended_on=row.ended_on,
        recorded_by_id=row.recorded_by_id,
    )

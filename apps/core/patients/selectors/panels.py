"""Whose patients somebody may open while the practice works in panels, and access in an emergency.

A panel is the patients whom one is assigned to as provider, and those in whose care team one is today. With panels off,
and for roles that watch the whole practice, nothing here limits anything.
"""

from datetime import date
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from apps.authentication.types import Permission
from apps.core.patients.models import CareTeamMember, EmergencyAccess, Patient
from apps.core.patients.rules.panels import is_limited
from apps.core.patients.rules.patients import display_name
from apps.core.patients.types import AccessKind, EmergencyLine, EmergencyPage, NotFound, PatientAccess
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.types import place_of_page
from apps.settings.selectors import uses_panels

PAGE_SIZE = 25
_WHOLE = PatientAccess(AccessKind.WHOLE)


def panel_of(by: Actor) -> UUID | None:
    """The person whose panel limits what is shown, or None where nothing is limited."""
    return by.person_id if is_limited(by.role) and by.person_id is not None and uses_panels() else None


def within_panel(rows: QuerySet[Patient], by: Actor) -> QuerySet[Patient]:
    """Those of the patients whom the actor may open: of the panel, and with an open emergency access."""
    member = panel_of(by)
    return rows if member is None else rows.filter(reached_by(member))


def panel_patients(by: Actor) -> QuerySet[Patient, dict[str, UUID]] | None:
    """The ids of the patients whom the actor may open, as a subquery for the lists of other apps; None for all."""
    member = panel_of(by)
    return None if member is None else Patient.objects.filter(reached_by(member)).order_by().values("id")


def reached_by(member: UUID) -> Q:
    """The patients whom this person may open: their panel, and open emergency accesses. For this app's selectors."""
    opened = EmergencyAccess.objects.filter(user_id=member, ends_at__gt=timezone.now()).values("patient_id")
    return on_panel(member, timezone.localdate()) | Q(id__in=opened)


def access_to(patient_id: UUID, *, by: Actor) -> PatientAccess | None:
    """Why the actor may open this patient, or OUTSIDE; None where the practice has no such patient. One query more."""
    member = panel_of(by)
    if member is None:
        return _WHOLE
    opened = EmergencyAccess.objects.filter(
        patient_id=OuterRef("id"), user_id=member, ends_at__gt=timezone.now()
    ).order_by("-ends_at")
    mine = ExpressionWrapper(on_panel(member, timezone.localdate()), output_field=BooleanField())
    found = Patient.objects.filter(id=patient_id, deleted_at__isnull=True).order_by()
    row = found.values_list(mine, Subquery(opened.values("ends_at")[:1])).first()
    if row is None:
        return None
    is_mine, until = row
    if is_mine:
        return PatientAccess(AccessKind.PANEL)
    return PatientAccess(AccessKind.EMERGENCY, until) if until else PatientAccess(AccessKind.OUTSIDE)


def patient_exists(patient_id: UUID) -> bool:
    """Whether the practice in scope has this patient; nothing of the row is read."""
    return bool(Patient.objects.filter(id=patient_id, deleted_at__isnull=True).exists())


def emergency_page(*, reviewed: bool, page: int = 1, page_size: int = PAGE_SIZE, by: Actor) -> EmergencyPage:
    """One page of the emergency accesses that wait for review, or of those reviewed; the disclosure is recorded."""
    by.require(Permission.PRIVACY_DECIDE)
    rows = EmergencyAccess.objects.filter(reviewed_at__isnull=not reviewed).select_related("patient")
    total = rows.count()
    number, place = place_of_page(page, total, page_size)
    lines = tuple(_line(row) for row in rows.order_by("-starts_at", "-id")[place])
    shown = list(dict.fromkeys(("patient", line.patient_id) for line in lines))
    audit.record_disclosure("patient.emergency_list", subjects=shown, by=by)
    return EmergencyPage(lines, total, number, page_size)


def emergency_line(access_id: UUID, *, by: Actor) -> EmergencyLine:
    """One of them, and the disclosure is recorded. Raises NotFound."""
    by.require(Permission.PRIVACY_DECIDE)
    row = EmergencyAccess.objects.filter(id=access_id).select_related("patient").first()
    if row is None:
        raise NotFound("emergency access")
    audit.record_disclosure("patient.emergency_list", subjects=[("patient", row.patient_id)], by=by)
    return _line(row)


def emergencies_waiting(*, by: Actor) -> int:
    """How many emergency accesses nobody has reviewed."""
    by.require(Permission.PRIVACY_DECIDE)
    return int(EmergencyAccess.objects.filter(reviewed_at__isnull=True).count())


def on_panel(member: UUID, today: date) -> Q:
    """The patients whom this person is assigned to, or in whose care team they are today. For this app's selectors."""
    team = CareTeamMember.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today), member_id=member, starts_on__lte=today
    )
    return Q(assigned_provider_id=member) | Q(id__in=team.values("patient_id"))


def _line(row: EmergencyAccess) -> EmergencyLine:
    patient = row.patient
    return EmergencyLine(
        id=row.id,
        patient_id=row.patient_id,
        display_name=display_name(patient.first_name, patient.last_name),
        mrn=patient.mrn,
        user_id=row.user_id,
        reason=row.reason,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        reviewed_at=row.reviewed_at,
        reviewed_by_id=row.reviewed_by_id,
        review_note=row.review_note,
    )

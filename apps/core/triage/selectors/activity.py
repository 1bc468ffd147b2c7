"""What colleagues did last, in clinical words: the feed of the dashboard (requirements UI-08)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from apps.authentication import selectors as members
from apps.core.patients import selectors as patients
from apps.core.patients.types import PatientBanner
from apps.core.triage.models import AlertEvent
from apps.core.triage.selectors.chart import alert_title_of
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.types import Paged, place_of_page

PAGE_SIZE = 50
_VISIBLE: dict[str, Any] = {"alert__patient__deleted_at__isnull": True}


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One step: who did what about which patient, with the words that went with it. PHI."""

    at: datetime
    action: str
    actor_id: UUID | None
    actor_name: str
    patient: PatientBanner
    severity: str
    title: str
    to_name: str
    words: str
    resolution_code: str


@dataclass(frozen=True, slots=True)
class ActivityPage(Paged):
    """One page of the feed, newest first."""

    rows: tuple[ActivityLine, ...]
    total: int
    page: int
    page_size: int


def activity_page(
    *, by_people: bool = True, page: int = 1, page_size: int = PAGE_SIZE, by: Actor, now: datetime | None = None
) -> ActivityPage:
    """One page of the newest steps about the patients whom the actor may open; the disclosure is recorded.

    `by_people`: only what persons did, else also what the product did by itself. A constant number of queries.
    """
    by.require("triage.read")
    now = now or timezone.now()
    rows = AlertEvent.objects.filter(**_VISIBLE)
    if by_people:
        rows = rows.filter(actor_id__isnull=False)
    among = patients.panel_patients(by)
    if among is not None:
        rows = rows.filter(alert__patient_id__in=among)
    total = rows.count()
    number, place = place_of_page(page, total, page_size)
    shown = list(rows.select_related("alert").order_by("-at", "-id")[place])
    banners = patients.patient_banners({row.alert.patient_id for row in shown})
    people = {row.actor_id for row in shown if row.actor_id}
    people |= {UUID(row.detail["to"]) for row in shown if row.detail.get("to")}
    names = members.members_by_id(people)

    def name_of(person: UUID | None) -> str:
        return names[person].full_name if person in names else ""

    lines = tuple(
        ActivityLine(
            at=row.at,
            action=row.action,
            actor_id=row.actor_id,
            actor_name=name_of(row.actor_id),
            patient=banners[row.alert.patient_id],
            severity=row.alert.severity,
            title=alert_title_of(row.alert, now, ZoneInfo(banners[row.alert.patient_id].time_zone)),
            to_name=name_of(UUID(row.detail["to"])) if row.detail.get("to") else "",
            words=row.detail.get("reason", "") or (row.alert.note or "" if row.action == "resolved" else ""),
            resolution_code=row.alert.resolution_code if row.action == "resolved" else "",
        )
        for row in shown
        if row.alert.patient_id in banners
    )
    audit.record_disclosure("triage.activity", subjects=[("patient", one) for one in banners], by=by)
    return ActivityPage(lines, total, number, page_size)

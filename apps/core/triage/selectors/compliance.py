"""The queue of those who send nothing: medical assistants and data monitors call them. Source: requirements AL-09."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet
from django.utils import timezone

from apps.authentication import selectors as members
from apps.core.patients import selectors as patients
from apps.core.patients.types import PatientBanner
from apps.core.triage.models import Alert, TriageState
from apps.core.triage.selectors.chart import alert_line_from
from apps.core.triage.selectors.wording import latest_values
from apps.core.triage.types import COMPLIANCE_RULES, AlertLine, LatestValue
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.types import Paged, place_of_page

PAGE_SIZE = 50
STEPS = (7, 4, 2)
"""Days without data at which the queue presses harder (AL-09)."""

_LONGEST_FIRST = (F("patient__last_reading_at").asc(nulls_first=True), "opened_at", "id")


@dataclass(frozen=True, slots=True)
class SilentPatient:
    """One patient who sends nothing. `step` is the step of AL-09 that they have reached. PHI."""

    patient: PatientBanner
    alert: AlertLine
    days: int
    step: int
    latest: tuple[LatestValue, ...]
    provider_name: str

    @property
    def patient_id(self) -> UUID:
        """Whom the line is about."""
        return self.patient.id


@dataclass(frozen=True, slots=True)
class CompliancePage(Paged):
    """One page of the queue, whoever is silent longest first."""

    rows: tuple[SilentPatient, ...]
    total: int
    page: int
    page_size: int


def compliance_page(
    *, mine: bool = False, page: int = 1, page_size: int = PAGE_SIZE, by: Actor, now: datetime | None = None
) -> CompliancePage:
    """One page of the queue; the disclosure of those shown is recorded. A constant number of queries.

    `mine`: only whom the actor is assigned to.
    """
    by.require("triage.read")
    now = now or timezone.now()
    waiting = _waiting(by)
    if mine:
        waiting = waiting.filter(patient__assigned_provider_id=by.person_id)
    total = waiting.count()
    number, place = place_of_page(page, total, page_size)
    lines = _lines(list(waiting.order_by(*_LONGEST_FIRST)[place]), now)
    audit.record_disclosure("triage.compliance", subjects=[("patient", line.patient_id) for line in lines], by=by)
    return CompliancePage(lines, total, number, page_size)


def compliance_line(patient_id: UUID, *, by: Actor) -> SilentPatient | None:
    """One line as it stands now, after an act in place; None if the patient is no longer in the queue."""
    by.require("triage.read")
    lines = _lines(list(_waiting(by).filter(patient_id=patient_id)), timezone.now())
    audit.record_disclosure("triage.compliance", subjects=[("patient", line.patient_id) for line in lines], by=by)
    return lines[0] if lines else None


def count_silent(*, by: Actor) -> int:
    """How many patients of those whom the actor may open are in the queue. One query, no PHI."""
    by.require("triage.read")
    return _waiting(by).count()


def step_of(days: int) -> int:
    """The highest step that so many days have reached; the first one for fewer, for then the queue holds them yet."""
    return next((step for step in STEPS if days >= step), STEPS[-1])


def _waiting(by: Actor) -> QuerySet[Alert]:
    rows: QuerySet[Alert] = Alert.objects.filter(
        rule__in=COMPLIANCE_RULES,
        closed_at__isnull=True,
        patient__active=True,
        patient__archived_at__isnull=True,
        patient__deleted_at__isnull=True,
    )
    among = patients.panel_patients(by)
    return rows if among is None else rows.filter(patient_id__in=among)


def _lines(alerts: list[Alert], now: datetime) -> tuple[SilentPatient, ...]:
    ids = [alert.patient_id for alert in alerts]
    banners = patients.patient_banners(ids)
    boards = {row.id: row.board for row in TriageState.objects.filter(id__in=ids).only("id", "practice_id", "board")}
    people = {person for alert in alerts for person in (alert.acknowledged_by, alert.escalated_to) if person}
    people |= {one.assigned_provider_id for one in banners.values() if one.assigned_provider_id}
    names = members.members_by_id(people)
    lines = []
    for alert in alerts:
        banner = banners.get(alert.patient_id)
        if banner is None:
            continue
        days = int(alert.facts.get("days", 0))
        provider = names.get(banner.assigned_provider_id) if banner.assigned_provider_id else None
        lines.append(
            SilentPatient(
                patient=banner,
                alert=alert_line_from(alert, names, now, ZoneInfo(banner.time_zone)),
                days=days,
                step=step_of(days),
                latest=latest_values(boards.get(alert.patient_id) or {"latest": []}, now),
                provider_name=provider.full_name if provider else "",
            )
        )
    return tuple(lines)

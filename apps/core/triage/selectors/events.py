"""What triage adds to the timeline of a patient: steps of alerts, changed limits, reported symptoms."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.authentication import selectors as members
from apps.core.patients import selectors as patients
from apps.core.triage.models import AlertEvent, AlertThreshold, SymptomReport
from apps.core.triage.selectors.chart import alert_title_of
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor


class Happening(StrEnum):
    """What an event is about."""

    ALERT = "alert"
    THRESHOLD = "threshold"
    SYMPTOM = "symptom"


@dataclass(frozen=True, slots=True)
class TriageEvent:
    """One thing that happened. PHI.

    `action` is the step of an alert; `text` what it is about, `words` what a person wrote; `severity` that of the
    alert or the report; `code` the resolution; `answers` the codes of symptoms.
    """

    id: UUID
    at: datetime
    about: Happening
    action: str = ""
    text: str = ""
    who: str = ""
    to_whom: str = ""
    severity: str = ""
    code: str = ""
    words: str = ""
    until: datetime | None = None
    answers: tuple[str, ...] = ()


def triage_events(
    patient_id: UUID,
    *,
    about: frozenset[Happening] = frozenset(Happening),
    until: datetime,
    limit: int,
    by: Actor,
    now: datetime,
) -> tuple[TriageEvent, ...]:
    """The newest `limit` of each kind asked for, at `until` or before. A constant number of queries.

    The disclosure is recorded.
    """
    by.require("triage.read")
    steps: list[AlertEvent] = []
    limits: list[AlertThreshold] = []
    reports: list[SymptomReport] = []
    if Happening.ALERT in about:
        found = AlertEvent.objects.filter(alert__patient_id=patient_id, at__lte=until).select_related("alert")
        steps = list(found.order_by("-at", "-id")[:limit])
    if Happening.THRESHOLD in about:
        own = AlertThreshold.objects.filter(patient_id=patient_id, created_at__lte=until)
        limits = list(own.order_by("-created_at", "-id")[:limit])
    if Happening.SYMPTOM in about:
        told = SymptomReport.objects.filter(patient_id=patient_id, reported_at__lte=until)
        reports = list(told.order_by("-reported_at", "-id")[:limit])
    people = {row.actor_id for row in steps} | {row.author_id for row in limits}
    people |= {UUID(row.detail["to"]) for row in steps if row.detail.get("to")}
    names = {one: ref.full_name for one, ref in members.members_by_id(people - {None}).items()}
    audit.record_disclosure("triage.alerts", subjects=[("patient", patient_id)], by=by)
    zone = _zone_of(patient_id)
    return (
        *(_step(row, names, now, zone) for row in steps),
        *(
            TriageEvent(row.id, row.created_at, Happening.THRESHOLD, who=names.get(row.author_id, ""), words=row.reason)
            for row in limits
        ),
        *(_report(row) for row in reports),
    )


def _zone_of(patient_id: UUID) -> ZoneInfo:
    context = patients.patient_contexts([patient_id]).get(patient_id)
    return ZoneInfo(context.time_zone if context else "UTC")


def _step(row: AlertEvent, names: dict[UUID, str], now: datetime, zone: ZoneInfo) -> TriageEvent:
    detail, resolved = row.detail, row.action == "resolved"
    return TriageEvent(
        id=row.id,
        at=row.at,
        about=Happening.ALERT,
        action=row.action,
        text=alert_title_of(row.alert, now, zone),
        who=names.get(row.actor_id, ""),
        to_whom=names.get(UUID(detail["to"]), "") if detail.get("to") else "",
        severity=row.alert.severity,
        code=detail.get("code", "") if resolved else "",
        words=detail.get("reason", "") or ((row.alert.note or "") if resolved else ""),
        until=datetime.fromisoformat(detail["until"]) if detail.get("until") else None,
    )


def _report(row: SymptomReport) -> TriageEvent:
    told = [(code, answer.strip() if isinstance(answer, str) else answer) for code, answer in row.answers.items()]
    return TriageEvent(
        id=row.id,
        at=row.reported_at,
        about=Happening.SYMPTOM,
        severity=row.severity,
        answers=tuple(code for code, answer in told if answer),
        words=" ".join(answer for _code, answer in told if isinstance(answer, str)),
    )

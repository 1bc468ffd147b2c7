"""What a printed report of a chart holds: the state of things for a visit, put together from every app below."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from apps.authentication import selectors as members
from apps.authentication.types import Permission
from apps.core.care.selectors.calls import calls_of
from apps.core.care.selectors.medications import medications_of
from apps.core.care.selectors.notes import notes_of
from apps.core.care.selectors.timeline import timeline_of
from apps.core.care.types import CallView, EventKind, MedicationList, NoteView, TimelineEvent
from apps.core.patients import selectors as patients
from apps.core.patients.types import AssignmentView, PatientBanner
from apps.core.triage import selectors as triage
from apps.core.triage.types import AlertLine, ScoreDetail
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor

PERIODS = (30, 90)
NEWEST_NOTES = 5
MOST_ALERTS = 40
MOST_CALLS = 20
MOST_SYMPTOMS = 20


@dataclass(frozen=True, slots=True)
class ChartReport:
    """A chart on paper. `alerts` are those opened in the period or still open, the newest first. PHI.

    Every open alert stands there; of `cut` ("alerts", "calls", "symptoms") the period holds more than is listed.
    `limits` are the warning and critical limits in force, a line a metric; `days` every reading, where it was asked
    for.
    """

    banner: PatientBanner
    provider_name: str
    period_days: int
    since: datetime
    now: datetime
    score: ScoreDetail
    trends: triage.Trends
    alerts: tuple[AlertLine, ...]
    symptoms: tuple[TimelineEvent, ...]
    medications: MedicationList
    calls: tuple[CallView, ...]
    notes: tuple[NoteView, ...]
    devices: tuple[AssignmentView, ...]
    limits: tuple[tuple[str, str, str], ...]
    days: triage.DayPage | None
    cut: frozenset[str]

    @property
    def open_alerts(self) -> tuple[AlertLine, ...]:
        """Those that still ask for a person."""
        return tuple(alert for alert in self.alerts if alert.is_open)


def chart_report(patient_id: UUID, *, days: int, every_reading: bool, by: Actor, now: datetime) -> ChartReport:
    """The report of the last `days` days; a constant number of queries. The disclosure is recorded. Raises NotFound."""
    by.require(Permission.PATIENT_READ)
    by.require(Permission.TRIAGE_READ)
    banner = patients.patient_banner(patient_id, by=by)
    since = now - timedelta(days=days)
    audit.record_disclosure("patient.report", subjects=[("patient", patient_id)], by=by)
    named = members.members_by_id([banner.assigned_provider_id] if banner.assigned_provider_id else [])
    newest = triage.alert_history(patient_id, by=by, limit=MOST_ALERTS)
    listed = {alert.id for alert in newest}
    still_open = [alert for alert in triage.open_alerts(patient_id, by=by, now=now) if alert.id not in listed]
    alerts = (*newest, *sorted(still_open, key=lambda alert: alert.opened_at, reverse=True))
    calls = calls_of(patient_id, page_size=MOST_CALLS, by=by).rows
    notes = notes_of(patient_id, page_size=NEWEST_NOTES, by=by).rows
    symptoms = timeline_of(
        patient_id, zone=ZoneInfo(banner.time_zone), kind=EventKind.SYMPTOM, limit=MOST_SYMPTOMS, by=by, now=now
    ).events
    devices = patients.devices_of(patient_id, by=by) if by.may(Permission.DEVICE_READ) else []
    limits = triage.threshold_lines(patient_id, by=by)
    return ChartReport(
        banner=banner,
        provider_name=next((one.full_name for one in named.values()), ""),
        period_days=days,
        since=since,
        now=now,
        score=triage.score_detail(patient_id, by=by, now=now),
        trends=triage.patient_trends(patient_id, days=days, by=by, now=now),
        alerts=tuple(alert for alert in alerts if alert.is_open or alert.opened_at >= since),
        symptoms=tuple(event for event in symptoms if event.at >= since),
        medications=medications_of(patient_id, by=by, now=now),
        calls=tuple(call for call in calls if call.started_at >= since),
        notes=tuple(note for note in notes if note.written_at >= since),
        devices=tuple(view for view in devices if view.ends_at is None),
        limits=tuple((metric.value, _side(lines, "low"), _side(lines, "high")) for metric, lines in limits.items()),
        days=triage.days_of(patient_id, days=days, by=by, now=now) if every_reading else None,
        cut=frozenset(
            name
            for name, most, moments in (
                ("alerts", MOST_ALERTS, [alert.opened_at for alert in newest]),
                ("calls", MOST_CALLS, [call.started_at for call in calls]),
                ("symptoms", MOST_SYMPTOMS, [event.at for event in symptoms]),
            )
            if len(moments) >= most and moments[-1] >= since
        ),
    )


def _side(lines: object, side: str) -> str:
    """The limits of one side, the warning first: "≥ 140 warning, ≥ 180 critical"."""
    sign = "≥" if side == "high" else "≤"
    found = [line for line in lines if line.direction == side and line.band in ("warning", "critical")]  # type: ignore[attr-defined]
    found.sort(key=lambda line: line.band.rank)
    words = {"warning": _("warning"), "critical": _("critical")}
    return ", ".join(f"{sign} {line.value:f} {words[line.band]}" for line in found)

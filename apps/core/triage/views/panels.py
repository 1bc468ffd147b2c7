"""The panels that triage adds to a chart. Each also opens as a page of its own."""

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from apps.authentication.types import Permission
from apps.core.observations import selectors as observations
from apps.core.observations.types import ObservationLine, ReadingKind
from apps.core.patients import selectors as patients
from apps.core.patients.types import NotFound, PatientBanner
from apps.core.triage import selectors
from apps.core.triage.selectors.wording import moment_text
from apps.core.triage.views.trend_charts import trend_charts
from apps.core.triage.views.wording import row_words
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page

PERIODS = (30, 90)
TIMELINE_DAYS = 14
TIMELINE_READINGS = 60


@guard(Permission.TRIAGE_READ, not_found=(NotFound,))
def score(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The score's lines as bars that add up to it, each with the readings behind it."""
    by = request.actor  # type: ignore[attr-defined]
    detail = selectors.score_detail(patient_id, by=by)
    ids = {UUID(one) for part in detail.parts for one in part.observation_ids}
    readings = {str(line.id): line for line in observations.readings_behind(patient_id, ids, by=by)} if ids else {}
    banner, now = _who(patient_id), timezone.now()
    zone = ZoneInfo(banner.time_zone)
    lines = [
        (
            part,
            [(readings[one], _measured(readings[one], now, zone)) for one in part.observation_ids if one in readings],
        )
        for part in detail.parts
    ]
    context = {"banner": banner, "detail": detail, "lines": lines, "now": now}
    return render_page(
        request, "triage/score.html", context, partials={f"parts-{patient_id}": "parts", "score": "score"}
    )


def _measured(line: ObservationLine, now: datetime, zone: ZoneInfo) -> str:
    return moment_text(int(line.effective_at.timestamp()), now, zone)


@guard(Permission.TRIAGE_READ, not_found=(NotFound,))
def alert_panel(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The open alerts of a patient with what can be done about them, and the newest closed ones."""
    context = alert_context(patient_id, request.actor)  # type: ignore[attr-defined]
    return render_page(request, "triage/alerts.html", context, partials=("alerts",))


def alert_context(patient_id: UUID, by: Actor) -> dict[str, Any]:
    """What the panel of alerts needs."""
    return {
        "banner": _who(patient_id),
        "patient_id": patient_id,
        "open": selectors.open_alerts(patient_id, by=by),
        "closed": [alert for alert in selectors.alert_history(patient_id, by=by) if not alert.is_open],
        "words": row_words(),
        "now": timezone.now(),
    }


@guard(Permission.TRIAGE_READ, not_found=(NotFound,))
def trends(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Every measured quantity over 30 or 90 days, with the limits that hold for the patient."""
    by = request.actor  # type: ignore[attr-defined]
    banner = _who(patient_id)
    days = next((days for days in PERIODS if str(days) == request.GET.get("days")), PERIODS[0])
    now = timezone.now()
    since = now - timedelta(days=days)
    series = observations.observation_series(patient_id, since, by=by)
    limits = selectors.threshold_lines(patient_id, by=by)
    charts = trend_charts(series, limits, since=since, now=now, zone=ZoneInfo(banner.time_zone))
    context = {"banner": banner, "charts": charts, "days": days, "periods": PERIODS}
    return render_page(request, "triage/trends.html", context, partials=("trends",))


@guard(Permission.TRIAGE_READ, not_found=(NotFound,))
def timeline(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """What happened in the last two weeks, newest first: readings, and the steps of alerts."""
    by = request.actor  # type: ignore[attr-defined]
    banner = _who(patient_id)
    since = timezone.now() - timedelta(days=TIMELINE_DAYS)
    readings = observations.recent_readings(patient_id, by=by, limit=TIMELINE_READINGS)
    entries: list[tuple[datetime, str, Any]] = [
        (moment, "reading", sorted(together, key=lambda line: list(ReadingKind).index(line.kind)))
        for moment, together in groupby(readings, key=lambda line: line.effective_at)
    ]
    entries += [(event.at, "alert", event) for event in selectors.alert_events(patient_id, by=by)]
    recent = sorted((entry for entry in entries if entry[0] >= since), key=lambda entry: entry[0], reverse=True)
    zone = ZoneInfo(banner.time_zone)
    days = [(day, list(found)) for day, found in groupby(recent, key=lambda entry: entry[0].astimezone(zone).date())]
    context = {"banner": banner, "days": days, "span": TIMELINE_DAYS, "zone": banner.time_zone}
    return render_page(request, "triage/timeline.html", context, partials=("timeline",))


@guard(Permission.TRIAGE_READ, not_found=(NotFound,))
def thresholds(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The limits in force for a patient."""
    banner = _who(patient_id)
    limits = selectors.threshold_lines(patient_id, by=request.actor)  # type: ignore[attr-defined]
    context = {"banner": banner, "rows": [_threshold_row(metric, lines) for metric, lines in limits.items()]}
    return render_page(request, "triage/thresholds.html", context, partials=("thresholds",))


def _threshold_row(metric: Any, lines: Any) -> dict[str, Any]:
    """The limits of one metric, by band and side."""
    return {"metric": metric.value, **{f"{line.band.value}_{line.direction.value}": line.value for line in lines}}


def _who(patient_id: UUID) -> PatientBanner:
    """Whom a panel is about; the selectors beside it record the disclosure. Raises NotFound."""
    banner = patients.patient_banners([patient_id]).get(patient_id)
    if banner is None:
        raise NotFound("patient")
    return banner

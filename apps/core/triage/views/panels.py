"""The panels that triage adds to a chart. Each also opens as a page of its own."""

from datetime import MAXYEAR, MINYEAR, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.authentication.types import Permission
from apps.core.observations import selectors as observations
from apps.core.observations.types import ObservationLine
from apps.core.patients import selectors as patients
from apps.core.patients.types import NotFound
from apps.core.triage import selectors
from apps.core.triage.selectors.trends import PERIODS, days_of, patient_trends
from apps.core.triage.selectors.wording import moment_text
from apps.core.triage.views.wording import acts_of, row_words
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page


@guard(Permission.TRIAGE_READ, not_found=(NotFound,))
@require_safe
def score(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The score's lines as bars that add up to it, each with the readings behind it."""
    by = request.actor  # type: ignore[attr-defined]
    detail = selectors.score_detail(patient_id, by=by)
    ids = {UUID(one) for part in detail.parts for one in part.observation_ids}
    readings = {str(line.id): line for line in observations.readings_behind(patient_id, ids, by=by)} if ids else {}
    banner, now = patients.require_banner(patient_id), timezone.now()
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
@require_safe
def alert_panel(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The open alerts of a patient with what can be done about them, and the newest closed ones."""
    context = alert_context(patient_id, request.actor)  # type: ignore[attr-defined]
    return render_page(request, "triage/alerts.html", context, partials=("alerts",))


def alert_context(patient_id: UUID, by: Actor) -> dict[str, Any]:
    """What the panel of alerts needs."""
    return {
        "banner": patients.require_banner(patient_id),
        "patient_id": patient_id,
        "open": selectors.open_alerts(patient_id, by=by),
        "closed": [alert for alert in selectors.alert_history(patient_id, by=by) if not alert.is_open],
        "words": row_words(),
        "acts": acts_of(by),
        "now": timezone.now(),
    }


@guard(Permission.TRIAGE_READ, not_found=(NotFound,))
@require_safe
def trends(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Every measured quantity over 30 or 90 days, with the limits that hold for the patient."""
    banner = patients.require_banner(patient_id)
    days = next((days for days in PERIODS if str(days) == request.GET.get("days")), PERIODS[0])
    shown = patient_trends(patient_id, days=days, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    context = {"banner": banner, "trends": shown, "periods": PERIODS}
    return render_page(request, "triage/trends.html", context, partials=("trends",))


@guard(Permission.TRIAGE_READ, not_found=(NotFound,))
@require_safe
def days(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """A month of readings day by day: as measured, as the device showed them, and what became of each."""
    banner = patients.require_banner(patient_id)
    shown = days_of(
        patient_id,
        until=_asked_day(request),
        by=request.actor,  # type: ignore[attr-defined]
        now=timezone.now(),
    )
    return render_page(request, "triage/days.html", {"banner": banner, "page": shown}, partials=("days",))


def _asked_day(request: HttpRequest) -> date | None:
    """The last day of the month asked for; None for nonsense."""
    try:
        asked = date.fromisoformat(request.GET.get("until", ""))
    except ValueError:
        return None
    return asked if MINYEAR < asked.year < MAXYEAR else None

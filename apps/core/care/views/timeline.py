"""The timeline of a patient: the newest of it on the chart, and all of it page by page."""

from datetime import MAXYEAR, MINYEAR, datetime
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from apps.authentication.types import Permission
from apps.core.care import selectors
from apps.core.care.forms.timeline import TimelineForm
from apps.core.care.types import TimelinePage
from apps.core.patients.selectors import require_banner
from apps.core.patients.types import NotFound, PatientBanner
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page

NEWEST = 12


@guard(Permission.PATIENT_READ, not_found=(NotFound,))
@require_safe
def timeline(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Everything that happened, newest first, or one kind of it."""
    banner, form = require_banner(patient_id), TimelineForm(request.GET)
    page = selectors.timeline_of(
        patient_id,
        zone=ZoneInfo(banner.time_zone),
        kind=form.wanted(),
        until=_moment(request.GET.get("until", "")),
        by=request.actor,  # type: ignore[attr-defined]
        now=timezone.now(),
    )
    return render_page(request, "care/timeline.html", _context(banner, page) | {"form": form}, partials=("list",))


@guard(Permission.PATIENT_READ, not_found=(NotFound,))
@require_safe
def newest_events(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """What happened last, for the overview of the chart."""
    banner = require_banner(patient_id)
    page = selectors.timeline_of(
        patient_id,
        zone=ZoneInfo(banner.time_zone),
        limit=NEWEST,
        by=request.actor,  # type: ignore[attr-defined]
        now=timezone.now(),
    )
    return render_page(request, "care/newest_events.html", _context(banner, page), partials=("timeline",))


def _context(banner: PatientBanner, page: TimelinePage) -> dict[str, Any]:
    zone = ZoneInfo(banner.time_zone)
    days = [
        (day, list(events)) for day, events in groupby(page.events, key=lambda event: event.at.astimezone(zone).date())
    ]
    return {"banner": banner, "page": page, "days": days, "zone": banner.time_zone}


def _moment(text: str) -> datetime | None:
    """The moment that a page begins with; None for nonsense."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    aware = found is not None and timezone.is_aware(found) and MINYEAR < found.year < MAXYEAR
    return found if aware else None

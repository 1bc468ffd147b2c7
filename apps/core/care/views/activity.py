"""The running timer of a patient's pages, and what it tells."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from apps.authentication.types import Permission
from apps.core.care import selectors, services
from apps.core.care.forms.activity import SALT, ActivityForm
from apps.core.care.rules.activity import (
    BEAT_SECONDS,
    CATEGORIES,
    IDLE_SECONDS,
    LONGEST_PAGE_SECONDS,
    REST_SECONDS,
)
from apps.core.care.types import AbsurdActivity, Visit
from apps.core.patients.selectors import patient_exists
from apps.core.patients.types import InvalidPatient, NotFound
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page, seal_response


@guard(Permission.TIME_RECORD, not_found=(NotFound,))
@require_safe
def timer(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The timer as a fragment of the patient's page; an empty one, which takes its place, where no time counts."""
    running = selectors.running_timer(patient_id, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    if running is None:
        return seal_response(HttpResponse())
    context = {
        "running": running,
        "token": _signed(running.visit),
        "total": running.month.seconds + running.uncounted,
        "idle": IDLE_SECONDS,
        "rest": REST_SECONDS,
        "beat": BEAT_SECONDS,
        "kinds": " ".join(f"{word}:{category}" for word, category in CATEGORIES.items()),
    }
    return render_page(request, "care/timer.html", context)


@guard(Permission.TIME_RECORD, not_found=(NotFound,))
@require_POST
def track(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Take what a page tells; 409 where it can't be, so that the page asks for a new visit."""
    by = request.actor  # type: ignore[attr-defined]
    if not patient_exists(patient_id):
        raise NotFound("patient")
    form = ActivityForm(request.POST)
    if not form.is_valid():
        return seal_response(HttpResponse(status=422))
    told = form.cleaned_data
    page = _visit(told["page"])
    visit = _visit(told["visit"]) if told["visit"] else page
    now = timezone.now()
    is_theirs = {page.patient_id, visit.patient_id} == {patient_id} and page.person_id == visit.person_id
    if not is_theirs or (now - page.opened_at).total_seconds() > LONGEST_PAGE_SECONDS:
        return seal_response(HttpResponse(status=409))
    try:
        services.track_activity(
            visit=visit, opened_at=page.opened_at, pieces=told["pieces"], ended=told["ended"], by=by, now=now
        )
    except (AbsurdActivity, InvalidPatient):
        return seal_response(HttpResponse(status=409))
    return seal_response(HttpResponse(status=204))


def _signed(visit: Visit) -> str:
    """Our word on whose visit it is and since when, which the page hands back."""
    what = [str(visit.id), str(visit.patient_id), str(visit.person_id), visit.opened_at.isoformat()]
    return signing.dumps(what, salt=SALT)


def _visit(opened: Any) -> Visit:
    visit_id, patient_id, person_id, opened_at = opened
    return Visit(UUID(visit_id), UUID(patient_id), UUID(person_id), datetime.fromisoformat(opened_at))

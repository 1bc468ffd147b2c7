"""The first page, and the readings behind it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.authentication.selectors import second_factor_is_on
from apps.core.care.selectors import unread_messages
from apps.core.observations.types import ReadingKind
from apps.core.patients import selectors as patients
from apps.foundation.web.pages import render_page
from apps.portal import selectors
from apps.portal.forms import PERIODS
from apps.portal.views.own import own_page


@own_page
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The newest readings in plain words, what waits, and when somebody looks."""
    by = request.actor  # type: ignore[attr-defined]
    person = patients.own_person(by)
    context = {
        "person": person,
        "cards": selectors.own_cards(by),
        "unread": unread_messages(person.patient_id, by=by),
        "watch": selectors.watch_now(timezone.now()),
        "has_second_factor": second_factor_is_on(by.user_id),
    }
    return render_page(request, "portal/home.html", context)


@own_page
@require_safe
def readings(request: HttpRequest) -> HttpResponse:
    """All readings of one kind, in 30 days or as many as were asked for."""
    kind = request.GET.get("kind", ReadingKind.BLOOD_PRESSURE.value)
    if kind not in set(ReadingKind):
        raise Http404
    by = request.actor  # type: ignore[attr-defined]
    asked = request.GET.get("days", "")
    days = int(asked) if asked in PERIODS else 30
    history = selectors.own_history(ReadingKind(kind), days, now=timezone.now(), by=by)
    context = {
        "history": history,
        "periods": [int(one) for one in PERIODS],
        "watch": selectors.watch_now(timezone.now()),
    }
    return render_page(request, "portal/readings.html", context)

"""Acting on one alert, in the row or on the chart. Every address names the patient, and the service checks the pair."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.authentication.types import Permission
from apps.core.patients.types import NotFound
from apps.core.triage import selectors, services
from apps.core.triage.forms import ResolveForm, SnoozeForm
from apps.core.triage.types import (
    AlertBecameWorse,
    AlertClosed,
    AlertLine,
    AlertNotFound,
    AlreadyAcknowledged,
    ResolutionRefused,
    SnoozeRefused,
    TriageRefusal,
)
from apps.core.triage.views.panels import alert_context
from apps.core.triage.views.wording import row_words
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_dialog, render_page
from apps.foundation.web.templatetags.web import local_time

ABSENT = (AlertNotFound, NotFound)
NOTHING_SEEN = -1


@guard(Permission.ALERT_ACKNOWLEDGE, not_found=ABSENT)
@require_POST
def acknowledge(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """The alert is the reader's, or they are told whose it is."""
    by = request.actor  # type: ignore[attr-defined]
    try:
        services.acknowledge_alert(
            alert_id=alert_id, patient_id=patient_id, seen=_seen(request), by=by, now=timezone.now()
        )
    except (AlreadyAcknowledged, AlertClosed, AlertBecameWorse) as refusal:
        return _shown(request, patient_id, alert_id, refusal=_words(refusal))
    return _shown(request, patient_id, alert_id, done=_("Acknowledged."))


@guard(Permission.ALERT_SNOOZE, not_found=ABSENT)
@require_http_methods(["GET", "POST"])
def snooze(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """Ask for how long and why; then the alert is silent until then."""
    by = request.actor  # type: ignore[attr-defined]
    alert = selectors.alert_line_of(alert_id, patient_id, by=by)
    form = SnoozeForm(request.POST or None, severity=alert.severity, initial={"hours": 1})

    def apply(entered: dict[str, Any]) -> None:
        now = timezone.now()
        services.snooze_alert(
            alert_id=alert_id,
            patient_id=patient_id,
            until=form.until(now),
            reason=entered["reason"],
            seen=_seen(request),
            by=by,
            now=now,
        )

    return _asked(request, patient_id, alert, form, apply, template="triage/snooze.html", done=_("Snoozed."))


@guard(Permission.ALERT_RESOLVE, not_found=ABSENT)
@require_http_methods(["GET", "POST"])
def resolve(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """Ask what happened; then the alert is closed and the score computed without it."""
    by = request.actor  # type: ignore[attr-defined]
    alert = selectors.alert_line_of(alert_id, patient_id, by=by)
    form = ResolveForm(request.POST or None)

    def apply(entered: dict[str, Any]) -> None:
        services.resolve_alert(
            alert_id=alert_id,
            patient_id=patient_id,
            code=entered["code"],
            note=entered["note"],
            seen=_seen(request),
            by=by,
            now=timezone.now(),
        )

    return _asked(request, patient_id, alert, form, apply, template="triage/resolve.html", done=_("Resolved."))


def _asked(
    request: HttpRequest,
    patient_id: UUID,
    alert: AlertLine,
    form: Form,
    apply: Callable[[dict[str, Any]], None],
    *,
    template: str,
    done: str,
) -> HttpResponse:
    """The dialog (or page) with the form, until it is right; then what the dialog was opened from, anew."""
    if request.method == "POST" and form.is_valid():
        try:
            apply(form.cleaned_data)
        except (AlertClosed, AlertBecameWorse) as refusal:
            return _shown(request, patient_id, alert.id, refusal=_words(refusal))
        except (SnoozeRefused, ResolutionRefused) as refusal:
            form.add_error(None, _words(refusal))
        else:
            return _shown(request, patient_id, alert.id, done=done)
    row = selectors.board_row(patient_id, by=request.actor)  # type: ignore[attr-defined]
    if row is None:
        raise NotFound("patient")
    context = {
        "alert": alert,
        "row": row,
        "form": form,
        "seen": _seen(request) if request.method == "POST" else alert.seen,
        "next": _way_back(request, patient_id),
        "origin": _origin(request, patient_id),
    }
    return render_dialog(request, template, context, wrong=bool(form.errors))


def _shown(
    request: HttpRequest, patient_id: UUID, alert_id: UUID, *, done: str = "", refusal: str = ""
) -> HttpResponse:
    """The row or the panel as it stands now; without htmx the page that one came from, with the same words."""
    by = request.actor  # type: ignore[attr-defined]
    if not request.headers.get("HX-Request"):
        messages.add_message(request, messages.ERROR if refusal else messages.SUCCESS, refusal or done)
        return HttpResponseRedirect(_way_back(request, patient_id))
    status = 409 if refusal else 200
    spoken = {"refusal": refusal, "refused_alert": alert_id if refusal else None, "now": timezone.now()}
    if _origin(request, patient_id) == "chart":
        context = {**alert_context(patient_id, by), **spoken}
        response = render_page(request, "triage/alerts.html#alerts", context, live=refusal or done, status=status)
    else:
        row = selectors.board_row(patient_id, by=by)
        if row is None:
            raise NotFound("patient")
        context = {"row": row, "words": row_words(), **spoken}
        response = render_page(request, "triage/board.html#one_case", context, status=status)
    response["HX-Trigger"] = "close-dialog"
    return response


def _seen(request: HttpRequest) -> int:
    """How the alert stood when the person looked at it. A form that doesn't say has seen nothing."""
    given = request.POST.get("seen", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else NOTHING_SEEN


def _origin(request: HttpRequest, patient_id: UUID) -> str:
    """Where the person acts: on the board or on the chart."""
    given = request.POST.get("origin") or request.GET.get("origin")
    return "chart" if given == "chart" else "board"


def _way_back(request: HttpRequest, patient_id: UUID) -> str:
    given = request.POST.get("next", "")
    if given and url_has_allowed_host_and_scheme(
        given, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return given
    if _origin(request, patient_id) == "chart":
        return reverse("patients:chart", args=[patient_id])
    return reverse("triage:board")


def _words(refusal: TriageRefusal) -> str:
    """A refusal in the reader's words: what happened, what was kept, what to do."""
    if isinstance(refusal, AlreadyAcknowledged):
        name = refusal.by_name or _("someone else")
        return _("Being handled by %(name)s since %(time)s. Nothing was changed.") % {
            "name": name,
            "time": local_time(refusal.at),
        }
    if isinstance(refusal, AlertBecameWorse):
        return _("The alert has become worse since you opened it. Nothing was changed: look at it as it stands now.")
    if isinstance(refusal, AlertClosed):
        return _("This alert was closed meanwhile. Nothing was changed.")
    if isinstance(refusal, SnoozeRefused):
        return _(
            "Not snoozed: a warning may be silent for 7 days, a critical alert for 4 hours and only by those who may."
        )
    return _("Not resolved: choose what happened, and say it in words for “Other”.")

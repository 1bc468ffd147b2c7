"""What an act in place answers with: the row, the panel or the line as it stands now, or why nothing was changed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from apps.core.patients.types import NotFound
from apps.core.triage import selectors
from apps.core.triage.types import (
    AlertBecameWorse,
    AlertClosed,
    AlertLine,
    AlertNotFound,
    AlreadyAcknowledged,
    SnoozeRefused,
    TriageRefusal,
)
from apps.core.triage.views.panels import alert_context
from apps.core.triage.views.wording import acts_of, row_words
from apps.foundation.web.pages import live_line, render_page
from apps.foundation.web.templatetags.web import local_time

ABSENT = (AlertNotFound, NotFound)
NOTHING_SEEN = -1
ORIGINS = ("board", "chart", "compliance")
"""Where people act; the first is where they do when nothing is said."""


def shown_after(
    request: HttpRequest,
    patient_id: UUID,
    alert_id: UUID | None,
    *,
    done: str = "",
    refusal: str = "",
    offer: AlertLine | None = None,
) -> HttpResponse:
    """What the act was taken on, as it stands now; without htmx the page that one came from, with the same words.

    `offer` is an alert that was expected for the patient: its limits can be changed.
    """
    by = request.actor  # type: ignore[attr-defined]
    if not request.headers.get("HX-Request"):
        messages.add_message(request, messages.ERROR if refusal else messages.SUCCESS, refusal or done)
        return HttpResponseRedirect(way_back(request, patient_id))
    context: dict[str, Any] = {
        "refusal": refusal,
        "refused_alert": alert_id if refusal else None,
        "offer": offer,
        "now": timezone.now(),
    }
    origin = origin_of(request)
    if origin == "chart":
        template, context = "triage/alerts.html#alerts", {**alert_context(patient_id, by), **context}
    elif origin == "compliance":
        template = "triage/compliance.html#one_line"
        context |= {"line": selectors.compliance_line(patient_id, by=by), "words": row_words(), "acts": acts_of(by)}
    else:
        row = selectors.board_row(patient_id, by=by)
        if row is None:
            raise NotFound("patient")
        template = "triage/board.html#one_case"
        context |= {"row": row, "words": row_words(), "acts": acts_of(by), "level": ""}
    response = render_page(request, template, context, status=409 if refusal else 200)
    response.write(live_line(refusal or done))
    response["HX-Trigger"] = "close-dialog"
    return response


def origin_of(request: HttpRequest) -> str:
    """Where the person acts: on the board, on the chart, or in the queue of the silent."""
    given = request.POST.get("origin") or request.GET.get("origin")
    return given if given in ORIGINS else ORIGINS[0]


def way_back(request: HttpRequest, patient_id: UUID) -> str:
    """The page that one came from, if it is one of ours."""
    given = request.POST.get("next", "")
    if given and url_has_allowed_host_and_scheme(
        given, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return given
    origin = origin_of(request)
    if origin == "chart":
        return reverse("patients:chart", args=[patient_id])
    return reverse("triage:compliance" if origin == "compliance" else "triage:board")


def refusal_words(refusal: TriageRefusal) -> str:
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

"""Acting on one alert: in the row, on the chart, in the queue of the silent.

Every address that acts names the patient, and the service checks the pair.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.authentication.selectors import members_who_may
from apps.authentication.types import Permission
from apps.core.patients import selectors as patients
from apps.core.patients.types import NotFound
from apps.core.triage import selectors, services
from apps.core.triage.forms import EscalateForm, ResolveForm, SnoozeForm
from apps.core.triage.types import (
    AlertBecameWorse,
    AlertClosed,
    AlertLine,
    AlertNotFound,
    AlreadyAcknowledged,
    ResolutionCode,
    ResolutionRefused,
    SnoozeRefused,
)
from apps.core.triage.views.answers import ABSENT, NOTHING_SEEN, origin_of, refusal_words, shown_after, way_back
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import go_to, render_dialog


@guard(Permission.TRIAGE_READ, not_found=ABSENT)
@require_safe
def alert(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """Where a notification leads: the chart of the alert's patient, which opens only to whom it may."""
    patient_id = selectors.patient_of_alert(alert_id, by=request.actor)  # type: ignore[attr-defined]
    return HttpResponseRedirect(f"{reverse('patients:chart', args=[patient_id])}#alert-{alert_id}")


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
        return shown_after(request, patient_id, alert_id, refusal=refusal_words(refusal))
    return shown_after(request, patient_id, alert_id, done=_("Acknowledged."))


@guard(Permission.ALERT_ACKNOWLEDGE, not_found=ABSENT)
@require_POST
def review(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The board says that the reader has looked at the patient."""
    services.mark_reviewed(patient_id=patient_id, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    return shown_after(request, patient_id, None, done=_("Marked as reviewed."))


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


@guard(Permission.ALERT_ESCALATE, not_found=ABSENT)
@require_http_methods(["GET", "POST"])
def escalate(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """Ask whom, how urgently and why; then the alert is theirs to take, and they are told."""
    by = request.actor  # type: ignore[attr-defined]
    alert = selectors.alert_line_of(alert_id, patient_id, by=by)
    members = [one for one in members_who_may(Permission.ALERT_ACKNOWLEDGE) if one.id != by.person_id]
    first = _assigned_to(patient_id, by)
    form = EscalateForm(request.POST or None, members=members, severity=alert.severity, initial={"to_id": first})

    def apply(entered: dict[str, Any]) -> None:
        services.escalate_alert(
            alert_id=alert_id,
            patient_id=patient_id,
            to_id=entered["to_id"],
            reason=entered["reason"],
            urgent=form.is_urgent,
            by=by,
            now=timezone.now(),
        )

    return _asked(request, patient_id, alert, form, apply, template="triage/escalate.html", done=_("Escalated."))


@guard(Permission.ALERT_RESOLVE, not_found=ABSENT)
@require_http_methods(["GET", "POST"])
def resolve(request: HttpRequest, patient_id: UUID, alert_id: UUID) -> HttpResponse:
    """Ask what happened; then the alert is closed and the score computed without it.

    What is expected for the patient may ask for other limits: whoever may change them is offered to.
    """
    by = request.actor  # type: ignore[attr-defined]
    alert = selectors.alert_line_of(alert_id, patient_id, by=by)
    asked = {name: request.GET[name] for name in ("code", "tries") if name in request.GET}
    form = ResolveForm(request.POST or None, initial=asked)

    def apply(entered: dict[str, Any]) -> None:
        services.resolve_alert(
            alert_id=alert_id,
            patient_id=patient_id,
            code=entered["code"],
            note=entered["note"],
            tries=entered["tries"],
            seen=_seen(request),
            by=by,
            now=timezone.now(),
        )

    offer = by.may(Permission.THRESHOLD_CHANGE) and request.POST.get("code") == ResolutionCode.EXPECTED
    return _asked(
        request, patient_id, alert, form, apply, template="triage/resolve.html", done=_("Resolved."), offer=offer
    )


def _asked(
    request: HttpRequest,
    patient_id: UUID,
    alert: AlertLine,
    form: Form,
    apply: Callable[[dict[str, Any]], None],
    *,
    template: str,
    done: str,
    offer: bool = False,
) -> HttpResponse:
    """The dialog (or page) with the form, until it is right; then what the dialog was opened from, anew.

    With `offer` and without htmx, the page of the patient's limits follows, where the offer could not be shown.
    """
    if request.method == "POST" and form.is_valid():
        try:
            apply(form.cleaned_data)
        except (AlertClosed, AlertBecameWorse) as refusal:
            return shown_after(request, patient_id, alert.id, refusal=refusal_words(refusal))
        except AlertNotFound as refusal:
            if str(refusal) != "member":
                raise
            form.add_error(None, _("This person has left the practice. Nothing was changed: choose somebody else."))
        except (SnoozeRefused, ResolutionRefused) as refusal:
            form.add_error(None, refusal_words(refusal))
        else:
            if offer and not request.headers.get("HX-Request"):
                messages.success(request, done)
                return go_to(request, f"{reverse('triage:thresholds', args=[patient_id])}?from={alert.id}")
            return shown_after(request, patient_id, alert.id, done=done, offer=alert if offer else None)
    row = selectors.board_row(patient_id, by=request.actor)  # type: ignore[attr-defined]
    if row is None:
        raise NotFound("patient")
    origin = origin_of(request)
    context = {
        "alert": alert,
        "row": row,
        "form": form,
        "seen": _seen(request) if request.method == "POST" else alert.seen,
        "next": way_back(request, patient_id),
        "origin": origin,
        "target": "#alerts" if origin == "chart" else f"#row-{patient_id}",
    }
    return render_dialog(request, template, context, wrong=bool(form.errors))


def _assigned_to(patient_id: UUID, by: Actor) -> str:
    """Whom the form offers first: the patient's provider, unless that is the reader."""
    context = patients.patient_contexts([patient_id]).get(patient_id)
    owner = context.assigned_provider_id if context else None
    return "" if owner is None or owner == by.person_id else str(owner)


def _seen(request: HttpRequest) -> int:
    """How the alert stood when the person looked at it. A form that doesn't say has seen nothing."""
    given = request.POST.get("seen", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else NOTHING_SEEN

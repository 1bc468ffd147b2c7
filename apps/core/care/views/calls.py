"""Documented calls: those of a patient, a new one, and one with what it brought to the month."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.authentication.types import Permission
from apps.core.billing.selectors import month_time
from apps.core.billing.types import MonthTime
from apps.core.care import selectors, services
from apps.core.care.forms.calls import CALL_TEMPLATES, CallForm
from apps.core.care.rules.calls import UNREACHED_TRIES
from apps.core.care.selectors.note_templates import TEMPLATE_NAMES
from apps.core.care.types import InvalidCall, NoteTemplate
from apps.core.patients.selectors import get_patient, require_banner, restrictions_on
from apps.core.patients.types import InvalidPatient, NotFound
from apps.core.triage.selectors import alert_line_of, board_row
from apps.core.triage.types import AlertLine
from apps.foundation.tenancy.ids import new_id
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import page_number, render_page, requested_partial

NEWEST = 3
PANEL = {"calls": "calls"}


@guard(Permission.PATIENT_READ, not_found=(NotFound,))
@require_safe
def calls(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The patient's calls; on the chart the newest of them."""
    banner = require_banner(patient_id)
    on_chart = bool(requested_partial(request, PANEL))
    asked: dict[str, Any] = {"page_size": NEWEST} if on_chart else {"page": page_number(request.GET)}
    page = selectors.calls_of(patient_id, by=request.actor, **asked)  # type: ignore[attr-defined]
    context = {"banner": banner, "page": page, "calls": page.rows, "now": timezone.now()}
    return render_page(request, "care/calls.html", context, partials=PANEL)


@guard(Permission.CARE_RECORD, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def record_call(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Everything that a call needs on one page, until it can be saved; then what it brought."""
    by = request.actor  # type: ignore[attr-defined]
    form = _call_form(request, by)
    if form.is_bound and form.is_valid():
        entered, before = form.entered(), _month(patient_id, by)
        try:
            call_id = services.record_call(
                patient_id=patient_id,
                call=entered,
                call_id=form.cleaned_data["entry"],
                by=by,
                now=timezone.now(),
            )
        except InvalidCall as refusal:
            form.show_faults(refusal)
        except InvalidPatient:
            form.add_error(None, _archived())
        else:
            _say_saved(request, entered.seconds, before, _month(patient_id, by))
            return HttpResponseRedirect(reverse("care:call", args=[patient_id, call_id]))
    status = 422 if form.errors else 200
    context = _call_context(request, patient_id, form, by)
    return render_page(request, "care/record_call.html", context, partials=("entry",), status=status)


@guard(Permission.PATIENT_READ, not_found=(NotFound,))
@require_safe
def call(request: HttpRequest, patient_id: UUID, call_id: UUID) -> HttpResponse:
    """One call, what it brought to the month, and what may come next."""
    by = request.actor  # type: ignore[attr-defined]
    view = selectors.get_call(call_id, patient_id, by=by)
    context = {
        "banner": require_banner(patient_id),
        "call": view,
        "alert": _alert(view.alert_id, patient_id, by),
        "month": _month(patient_id, by),
        "unreached": selectors.unreached_tries(patient_id, by=by),
        "enough_tries": UNREACHED_TRIES,
        "now": timezone.now(),
    }
    return render_page(request, "care/call.html", context)


def _month(patient_id: UUID, by: Actor) -> MonthTime | None:
    """What the patient has in this month, for whoever may know."""
    if not by.may(Permission.TIME_READ):
        return None
    return month_time([patient_id], by=by, now=timezone.now())[patient_id]


def _say_saved(request: HttpRequest, seconds: int, before: MonthTime | None, after: MonthTime | None) -> None:
    """That the call is saved, and what it brought to the month: no second counts twice, however often recorded."""
    if before is None or after is None or not seconds:
        messages.success(request, _("The call is saved."))
        return
    minutes = {"before": before.minutes, "after": after.minutes}
    said = _("The call is saved. Monitoring time this month: %(before)s → %(after)s min.") % minutes
    messages.success(request, said)
    if after.seconds - before.seconds < seconds:
        messages.info(request, _("Some of these minutes do not count here: they were recorded before, or last month."))


def _call_form(request: HttpRequest, by: Actor) -> CallForm:
    """The form as it was sent; with a template below what was typed; or a new one about the alert that is named."""
    cosigners = selectors.cosigners(by=by)
    template = request.POST.get("insert", "")
    if template in frozenset(NoteTemplate):
        return CallForm(initial=CallForm.started_from(NoteTemplate(template), request.POST), cosigners=cosigners)
    if request.method == "POST":
        return CallForm(request.POST, cosigners=cosigners)
    begun = timezone.localtime().replace(microsecond=0)
    given = {"started_at": begun, "entry": new_id(), "alert": request.GET.get("alert", "")}
    return CallForm(initial=given, cosigners=cosigners)


def _call_context(request: HttpRequest, patient_id: UUID, form: CallForm, by: Actor) -> dict[str, Any]:
    """Whom to call and about what. Raises NotFound for an alert of another patient."""
    detail = get_patient(patient_id, by=by)
    alert = _alert(_named(form["alert"].value()), patient_id, by)
    prompt = selectors.call_prompt(detail, rule=alert.rule if alert else "", by=by, now=timezone.now())
    if not form.is_bound and prompt.numbers:
        form.initial.setdefault("phone", prompt.numbers[0].number)
    row = board_row(patient_id, by=by) if by.may(Permission.TRIAGE_READ) else None
    return {
        "banner": detail.banner,
        "form": form,
        "prompt": prompt,
        "alert": alert,
        "restrictions": restrictions_on(patient_id, by=by),
        "templates": [(one.value, TEMPLATE_NAMES[one]) for one in CALL_TEMPLATES],
        "latest": row.latest if row else (),
        "now": timezone.now(),
    }


def _named(value: Any) -> UUID | None:
    """The alert that an address or a form names; nonsense finds nothing. Raises NotFound."""
    if not value:
        return None
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError as wrong:
        raise NotFound("alert") from wrong


def _alert(alert_id: UUID | None, patient_id: UUID, by: Actor) -> AlertLine | None:
    if alert_id is None or not by.may(Permission.TRIAGE_READ):
        return None
    return alert_line_of(alert_id, patient_id, by=by)


def _archived() -> str:
    return _("The patient is archived and the record is read-only. Nothing was saved; your text stands below.")

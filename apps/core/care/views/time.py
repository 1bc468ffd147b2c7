"""A patient's recorded minutes: reading them, adding one's own, correcting and withdrawing."""

from datetime import MAXYEAR, MINYEAR, date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.authentication.types import Permission
from apps.core.billing import selectors, services
from apps.core.billing.types import InvalidTime
from apps.core.care.forms.time import CorrectionForm, ManualTimeForm, ReasonForm
from apps.core.patients.selectors import programs_of, require_banner
from apps.core.patients.types import InvalidPatient, NotFound, PatientBanner
from apps.foundation.tenancy.types import NotPermitted
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page


@guard(Permission.TIME_READ, not_found=(NotFound,))
@require_safe
def time(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """What was recorded for the patient in a month, day by day, with every correction."""
    banner = require_banner(patient_id)
    page = selectors.time_page(
        patient_id,
        month=_month(request.GET.get("month", "")),
        by=request.actor,  # type: ignore[attr-defined]
        now=timezone.now(),
    )
    return render_page(request, "care/time.html", {"banner": banner, "page": page, "now": timezone.now()})


@guard(Permission.TIME_RECORD, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def add_time(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask for work that nothing measured until it can be counted."""
    banner = require_banner(patient_id)
    by, now = request.actor, timezone.now()  # type: ignore[attr-defined]
    programs = programs_of([patient_id]).get(patient_id, ())
    initial = {"day": timezone.localdate(now), "program": programs[-1] if programs else None}
    form = ManualTimeForm(request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            services.record_manual_time(
                patient_id=patient_id, started_at=form.started_at(), **form.work(), by=by, now=now
            )
        except InvalidTime as refusal:
            form.show_faults(refusal)
        except InvalidPatient:
            form.add_error(None, _archived())
        else:
            messages.success(request, _("The minutes are recorded."))
            return _back(patient_id, form.cleaned_data["day"])
    return _page(request, "care/add_time.html", banner, form)


@guard(Permission.TIME_RECORD, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def correct_time(request: HttpRequest, patient_id: UUID, time_id: UUID) -> HttpResponse:
    """Ask what an entry should have said; the old one stays on record below the new one."""
    by, now = request.actor, timezone.now()  # type: ignore[attr-defined]
    banner, entry = require_banner(patient_id), selectors.time_entry(time_id, patient_id, by=by)
    if not entry.may_correct:
        raise NotPermitted(Permission.TIME_CORRECT)
    form = CorrectionForm(request.POST or None, initial=CorrectionForm.values_of(entry))
    if form.is_bound and form.is_valid():
        try:
            services.correct_time(entry_id=time_id, patient_id=patient_id, **form.work(), by=by, now=now)
        except InvalidTime as refusal:
            form.show_faults(refusal)
        except InvalidPatient:
            form.add_error(None, _archived())
        else:
            messages.success(request, _("The entry is corrected. What it said before stays on record."))
            return _back(patient_id, timezone.localdate(entry.started_at))
    return _page(request, "care/correct_time.html", banner, form, entry=entry)


@guard(Permission.TIME_RECORD, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_time(request: HttpRequest, patient_id: UUID, time_id: UUID) -> HttpResponse:
    """Ask why an entry should not count; it stays on record and counts nothing."""
    by, now = request.actor, timezone.now()  # type: ignore[attr-defined]
    banner, entry = require_banner(patient_id), selectors.time_entry(time_id, patient_id, by=by)
    if not entry.may_correct:
        raise NotPermitted(Permission.TIME_CORRECT)
    form = ReasonForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            services.withdraw_time(
                entry_id=time_id, patient_id=patient_id, reason=form.cleaned_data["reason"], by=by, now=now
            )
        except InvalidTime as refusal:
            form.show_faults(refusal)
        except InvalidPatient:
            form.add_error(None, _archived())
        else:
            messages.success(request, _("The entry is withdrawn. It stays on record and counts nothing."))
            return _back(patient_id, timezone.localdate(entry.started_at))
    return _page(request, "care/withdraw_time.html", banner, form, entry=entry)


def _page(
    request: HttpRequest, template: str, banner: PatientBanner, form: ReasonForm, entry: object = None
) -> HttpResponse:
    context = {"banner": banner, "form": form, "entry": entry}
    return render_page(request, template, context, status=422 if form.errors else 200)


def _back(patient_id: UUID, day: date) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('care:time', args=[patient_id])}?month={day:%Y-%m}")


def _month(entered: str) -> date | None:
    """The month that was asked for; None where none or nonsense was."""
    try:
        month = date.fromisoformat(f"{entered}-01")
    except ValueError:
        return None
    return month if MINYEAR < month.year < MAXYEAR else None


def _archived() -> str:
    return _("The patient is archived and the record is read-only. Nothing was saved.")

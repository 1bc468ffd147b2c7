"""A patient's limits: what holds and why, trying others on the last 30 days, setting and signing them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.authentication.types import Permission
from apps.core.observations.types import Metric
from apps.core.patients import selectors as patients
from apps.core.patients.types import InvalidPatient, NotFound, PatientBanner
from apps.core.triage import services
from apps.core.triage.forms.thresholds import ThresholdForm
from apps.core.triage.rules.limits import lost_limits
from apps.core.triage.rules.replay import DryRun
from apps.core.triage.selectors.rule_words import RULE_LABELS
from apps.core.triage.selectors.thresholds import (
    PAGE_SIZE,
    ThresholdSheet,
    metric_asked_about,
    reviews_due,
    threshold_sheet,
)
from apps.core.triage.selectors.wording import moment_text, named_reading
from apps.core.triage.services.episodes import finding_of
from apps.core.triage.types import ThresholdChanged, ThresholdRefused
from apps.core.triage.views.limit_rows import limit_rows
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import go_to, page_number, render_page

SHOWN_DAYS = 12
"""Days that a dry run lists of one rule before it only counts the rest."""


@guard(Permission.TRIAGE_READ, not_found=(NotFound,))
@require_safe
def thresholds(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The limits in force for a patient, where each comes from, and every version of their own.

    Who comes from an alert that was expected, and may change limits, goes on to the form.
    """
    by = request.actor  # type: ignore[attr-defined]
    if "from" in request.GET and by.may(Permission.THRESHOLD_CHANGE):
        return HttpResponseRedirect(f"{address_of_change(patient_id)}?{urlencode({'from': request.GET['from']})}")
    sheet = threshold_sheet(patient_id, by=by)
    context = {
        "banner": patients.require_banner(patient_id),
        "sheet": sheet,
        "rows": limit_rows(sheet.rows),
        "today": timezone.localdate(),
    }
    context["history"] = [(version, limit_rows(version.named)) for version in sheet.history]
    return render_page(request, "triage/thresholds.html", context, partials=("thresholds",))


@guard(Permission.THRESHOLD_CHANGE, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def change_thresholds(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Limits are tried on the last 30 days first; what was tried may be saved."""
    by = request.actor  # type: ignore[attr-defined]
    sheet = threshold_sheet(patient_id, by=by)
    form = ThresholdForm(request.POST if request.method == "POST" else None, sheet=sheet, today=timezone.localdate())
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, patient_id, sheet, form)
    now, changes = timezone.now(), form.changes()
    try:
        run = services.preview_threshold(patient_id=patient_id, **changes, by=by, now=now)
        if _may_save(request, form, sheet, run):
            services.set_threshold(
                patient_id=patient_id,
                **changes,
                reason=form.cleaned_data["reason"],
                review_by=form.cleaned_data["review_by"],
                seen=form.cleaned_data["seen"],
                by=by,
                now=now,
            )
            messages.success(request, _("The limits are saved and hold from now on."))
            return go_to(request, reverse("triage:thresholds", args=[patient_id]))
    except ThresholdChanged:
        form.add_error(
            None, _("Somebody else changed the limits meanwhile. Nothing was saved: look at what holds now.")
        )
        return _form_page(request, patient_id, sheet, form, status=409)
    except ThresholdRefused:
        form.add_error(None, _("These limits contradict one another. Nothing was saved."))
        return _form_page(request, patient_id, sheet, form)
    except InvalidPatient:
        form.add_error(None, _("The record is archived and read-only. Nothing was saved."))
        return _form_page(request, patient_id, sheet, form, status=409)
    return _form_page(request, patient_id, sheet, form, run=run)


@guard(Permission.THRESHOLD_SIGN, not_found=(NotFound,))
@require_POST
def sign_thresholds(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """A clinician answers for the patient's limits as they stand."""
    if patients.patient_contexts([patient_id]).get(patient_id) is None:
        raise NotFound("patient")
    sign(request, patient_id)
    return HttpResponseRedirect(reverse("triage:thresholds", args=[patient_id]))


def sign(request: HttpRequest, patient_id: UUID | None) -> None:
    """The limits that the person saw are signed, or they are told why not."""
    try:
        seen = UUID(request.POST.get("seen", ""))
        services.sign_threshold(patient_id=patient_id, seen=seen, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    except (ThresholdChanged, ValueError):
        messages.error(request, _("Other limits hold than those you looked at. Nothing was signed: look at them now."))
    except InvalidPatient:
        messages.error(request, _("The record is archived and read-only. Nothing was signed."))
    else:
        messages.success(request, _("Signed."))


@guard(Permission.TRIAGE_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def reviews(request: HttpRequest) -> HttpResponse:
    """Whose limits should have been looked at again, the longest overdue first."""
    by = request.actor  # type: ignore[attr-defined]
    page = reviews_due(page=page_number(request.POST), page_size=PAGE_SIZE, by=by)
    context = {"page": page, "today": timezone.localdate()}
    return render_page(request, "triage/threshold_reviews.html", context, partials=("list",))


def address_of_change(patient_id: UUID) -> str:
    """Where a patient's limits are changed."""
    return reverse("triage:change_thresholds", args=[patient_id])


def _may_save(request: HttpRequest, form: ThresholdForm, sheet: ThresholdSheet, run: DryRun) -> bool:
    """Whether the person asks to save exactly what they saw tried, and has seen what would be lost."""
    if request.POST.get("step") != "save" or form.cleaned_data["previewed"] != form.fingerprint():
        return False
    loses = bool(run.lost or _limits_given_up(form, sheet))
    return not loses or bool(form.cleaned_data["lost_seen"])


def _limits_given_up(form: ThresholdForm, sheet: ThresholdSheet) -> list[tuple[Metric, str]]:
    return lost_limits(sheet.in_force, form.wanted(sheet.fallback))


def _form_page(
    request: HttpRequest,
    patient_id: UUID,
    sheet: ThresholdSheet,
    form: ThresholdForm,
    *,
    run: DryRun | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form with what was typed; after a trial with what it would have meant, and the button that saves it."""
    asked = _asked(request, patient_id)
    banner = patients.require_banner(patient_id)
    context: dict[str, Any] = {
        "banner": banner,
        "sheet": sheet,
        "form": form,
        "metrics": form.metric_rows(asked),
        "repeats": form.repeat_rows(),
        "asked": asked,
        "origin": request.POST.get("from") or request.GET.get("from", ""),
        "is_tried": run is not None,
    }
    live = ""
    if run is not None:
        context |= _tried(run, form, sheet, banner, wants_save=request.POST.get("step") == "save")
        live = context["sentence"]
    status = 422 if form.errors and status == 200 else status
    return render_page(
        request,
        "triage/threshold_change.html",
        context,
        partials={"threshold-form": "form_part"},
        live=live,
        status=status,
    )


def _tried(
    run: DryRun, form: ThresholdForm, sheet: ThresholdSheet, banner: PatientBanner, *, wants_save: bool
) -> Mapping[str, Any]:
    """A dry run in words."""
    now, zone = timezone.now(), ZoneInfo(banner.time_zone)
    lost = [(_reading(one.breach, now, zone), one.becomes) for one in run.lost]
    given_up = _limits_given_up(form, sheet)
    return {
        "run": run,
        "sentence": _("would have fired %(before)s → %(after)s in 30 days")
        % {"before": run.before, "after": run.after},
        "rules": [
            {
                "label": RULE_LABELS[change.rule],
                "before": len(change.before),
                "after": len(change.after),
                "days_before": change.days_before[-SHOWN_DAYS:],
                "days_after": change.days_after[-SHOWN_DAYS:],
                "more_before": max(0, len(change.days_before) - SHOWN_DAYS),
                "more_after": max(0, len(change.days_after) - SHOWN_DAYS),
            }
            for change in run.rules
        ],
        "lost": lost,
        "gained": [_reading(breach, now, zone) for breach in run.gained],
        "given_up": [(metric.value, side) for metric, side in given_up],
        "must_see": bool(lost or given_up),
        "fingerprint": form.fingerprint(),
        "wants_save": wants_save,
    }


def _reading(breach: Any, now: datetime, zone: ZoneInfo) -> str:
    facts = finding_of(breach).facts
    return f"{named_reading(facts)}, {moment_text(facts['at'], now, zone)}"


def _asked(request: HttpRequest, patient_id: UUID) -> Metric | None:
    """The metric of the alert that the person came from, if they came from one of this patient's."""
    given = request.POST.get("from") or request.GET.get("from", "")
    try:
        return metric_asked_about(UUID(given), patient_id)
    except ValueError:
        return None

"""The practice's limits: shown to everybody, changed by its administrator, signed by a clinician."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.authentication.types import Permission
from apps.core.triage import services
from apps.core.triage.forms.thresholds import ProfileForm
from apps.core.triage.selectors.rule_words import EVIDENCE
from apps.core.triage.selectors.thresholds import PracticeSheet, practice_sheet, profile_is_signed
from apps.core.triage.types import ThresholdChanged, ThresholdRefused
from apps.core.triage.views.limit_rows import limit_rows
from apps.core.triage.views.thresholds import sign
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page


@guard(Permission.TRIAGE_READ)
@require_safe
def profile(request: HttpRequest) -> HttpResponse:
    """The limits by which everybody is judged who has none of their own, with their sources and who signed them."""
    sheet = practice_sheet(by=request.actor)  # type: ignore[attr-defined]
    rows = [(row, *EVIDENCE[limits.metric]) for row, limits in zip(limit_rows(sheet.rows), sheet.rows, strict=True)]
    context = {
        "sheet": sheet,
        "rows": [row for row, *_rest in rows],
        "evidence": rows,
        "today": timezone.localdate(),
        "history": [(version, limit_rows(version.named)) for version in sheet.history],
    }
    return render_page(request, "triage/threshold_profile.html", context)


@guard(Permission.PRACTICE_CONFIGURE)
@require_http_methods(["GET", "HEAD", "POST"])
def change_profile(request: HttpRequest) -> HttpResponse:
    """Limits, the SpO2 profile and repeat limits of the practice; what is saved is unsigned until a clinician signs."""
    by = request.actor  # type: ignore[attr-defined]
    sheet = practice_sheet(by=by)
    form = ProfileForm(request.POST if request.method == "POST" else None, sheet=sheet, today=timezone.localdate())
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, sheet, form)
    try:
        services.set_threshold(
            patient_id=None,
            **form.changes(),
            reason=form.cleaned_data["reason"],
            review_by=form.cleaned_data["review_by"],
            seen=form.cleaned_data["seen"],
            by=by,
            now=timezone.now(),
        )
    except ThresholdChanged:
        form.add_error(
            None, _("Somebody else changed the limits meanwhile. Nothing was saved: look at what holds now.")
        )
        return _form_page(request, sheet, form, status=409)
    except ThresholdRefused:
        form.add_error(None, _("These limits contradict one another. Nothing was saved."))
        return _form_page(request, sheet, form)
    messages.success(
        request, _("The profile is saved and holds from now on. It is unsigned until a clinician signs it.")
    )
    return HttpResponseRedirect(reverse("practice_thresholds:profile"))


@guard(Permission.THRESHOLD_SIGN)
@require_POST
def sign_profile(request: HttpRequest) -> HttpResponse:
    """A clinician answers for the practice's limits as they stand."""
    sign(request, None)
    return HttpResponseRedirect(reverse("practice_thresholds:profile"))


@guard(Permission.THRESHOLD_SIGN)
@require_safe
def unsigned_notice(request: HttpRequest) -> HttpResponse:
    """One calm line for the board of those who may sign; nothing where the profile is signed."""
    context = {"is_signed": profile_is_signed()}
    return render_page(request, "triage/threshold_unsigned.html", context, partials=("unsigned-profile",))


def _form_page(request: HttpRequest, sheet: PracticeSheet, form: ProfileForm, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "sheet": sheet,
        "form": form,
        "metrics": form.metric_rows(),
        "repeats": form.repeat_rows(),
    }
    status = 422 if form.errors and status == 200 else status
    return render_page(request, "triage/threshold_profile_change.html", context, status=status)

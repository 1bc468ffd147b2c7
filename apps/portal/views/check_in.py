"""Telling the team how one feels. What may be an emergency is answered at once, whatever else happens."""

import structlog
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core.patients import selectors as patients
from apps.core.patients.types import InvalidPatient
from apps.core.triage.services import report_symptoms
from apps.core.triage.types import SymptomsRefused
from apps.foundation.web.pages import render_page
from apps.portal import selectors
from apps.portal.forms import SymptomForm
from apps.portal.views.own import own_page

_log = structlog.get_logger("portal")


@own_page
@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request: HttpRequest) -> HttpResponse:
    """How do you feel today? A red flag leads to the red screen, also when the report could not be kept."""
    form = SymptomForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        is_told = _told(request, form)
        if form.names_red_flag():
            return render_page(request, "portal/emergency.html", {"is_told": is_told})
        if is_told:
            messages.success(request, _("Thank you. Your team will see what you told us."))
            return HttpResponseRedirect(reverse("portal:home"))
    context = {"form": form, "watch": selectors.watch_now(timezone.now())}
    return render_page(request, "portal/check_in.html", context, status=422 if form.errors else 200)


def _told(request: HttpRequest, form: SymptomForm) -> bool:
    """Whether the report stands; where it does not, the form says why. No other fault keeps a red flag back."""
    if not form.is_valid() and not form.names_red_flag():
        return False
    by, now = request.actor, timezone.now()  # type: ignore[attr-defined]
    try:
        report_symptoms(patient_id=patients.own_patient_id(by), answers=form.answers(), by=by, now=now)
    except (InvalidPatient, SymptomsRefused):
        form.add_error(None, _("Your team could not be told here. Please call them."))
        return False
    except Exception as error:
        if not form.names_red_flag():
            raise
        _log.error("symptoms_not_kept", error=type(error).__name__)
        return False
    return True

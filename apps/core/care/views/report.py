"""The chart on paper: what is asked before, and the report as PDF."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.authentication.types import Permission
from apps.core.care import selectors
from apps.core.care.forms.report import ReportForm
from apps.core.patients.selectors import require_banner
from apps.core.patients.types import NotFound
from apps.foundation.web.documents import NoDocuments, pdf_response, render_pdf
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_dialog


@guard(Permission.TRIAGE_READ, not_found=(NotFound,))
@require_safe
def ask_report(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask for the period."""
    context = {"banner": require_banner(patient_id), "form": ReportForm()}
    return render_dialog(request, "care/ask_report.html", context)


@guard(Permission.TRIAGE_READ, not_found=(NotFound,))
@require_safe
def report(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The report as PDF, for a visit or the patient's file."""
    by = request.actor  # type: ignore[attr-defined]
    days, every_reading = ReportForm(request.GET).wanted()
    found = selectors.chart_report(patient_id, days=days, every_reading=every_reading, by=by, now=timezone.now())
    context = {"report": found, "practice_name": request.practice_name, "made_by": request.user}  # type: ignore[attr-defined]
    try:
        drawn = render_pdf("care/report.html", context, style="css/report.css")
    except NoDocuments:
        messages.error(request, _("PDF documents cannot be made on this server. Nothing was changed."))
        return HttpResponseRedirect(reverse("patients:chart", args=[patient_id]))
    return pdf_response(drawn, "report.pdf")

"""Who saw one patient's chart: on the screen and on paper."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from apps.authentication.types import Permission
from apps.foundation.web.documents import NoDocuments, pdf_response, render_pdf
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import page_number, render_page
from apps.monitoring import selectors
from apps.monitoring.forms import PeriodForm
from apps.monitoring.types import NoSuchTrail

_ABSENT = (NoSuchTrail,)


@guard(Permission.AUDIT_READ, not_found=_ABSENT)
@require_safe
def chart(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Every visit of this chart in a period, newest first."""
    form = PeriodForm(request.GET)
    wrong = not form.is_valid()
    period = {} if wrong else form.cleaned_data
    by = request.actor  # type: ignore[attr-defined]
    found = selectors.chart_accesses(patient_id, page=page_number(request.GET), by=by, **period)
    counted = ngettext("%(count)s row of the trail", "%(count)s rows of the trail", found.total)
    live = counted % {"count": found.total}
    context = {"report": found, "form": form, "found": live}
    status = 422 if wrong else 200
    return render_page(request, "monitoring/chart.html", context, partials=("list",), live=live, status=status)


@guard(Permission.AUDIT_READ, not_found=_ABSENT)
@require_safe
def chart_pdf(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The same as PDF."""
    form = PeriodForm(request.GET)
    back = HttpResponseRedirect(reverse("monitoring:chart", args=[patient_id]))
    period = form.cleaned_data if form.is_valid() else {}
    found = selectors.chart_report(patient_id, by=request.actor, **period)  # type: ignore[attr-defined]
    context = {
        "report": found,
        "practice_name": request.practice_name,  # type: ignore[attr-defined]
        "period": period,
        "now": timezone.now(),
    }
    try:
        drawn = render_pdf("monitoring/chart_document.html", context)
    except NoDocuments:
        messages.error(request, _("PDF documents cannot be made on this server. Nothing was changed."))
        return back
    return pdf_response(drawn, "access-report.pdf")

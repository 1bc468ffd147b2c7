"""The patient list."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from apps.authentication.types import Permission
from apps.core.patients import selectors
from apps.core.patients.filters import PatientFilter
from apps.core.patients.tables import PatientTable
from apps.core.patients.types import PatientFilters
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import page_number, posted_or_addressed, render_list


@guard(Permission.PATIENT_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def patient_list(request: HttpRequest) -> HttpResponse:
    """Patients by risk, narrowed by filters. A search is posted, so that no name stands in an address."""
    entered = posted_or_addressed(request, only_posted=("q", "search"))
    asked = PatientFilter(entered, request=request)
    criteria = asked.criteria()
    by = request.actor  # type: ignore[attr-defined]
    page = selectors.patient_page(filters=criteria, page=page_number(entered), by=by)
    context = {
        "is_narrowed": criteria != PatientFilters(ordering=criteria.ordering),
        "outside": selectors.found_outside(criteria.query, by=by) if request.method == "POST" else (),
    }
    table = PatientTable(page.rows)
    return render_list(request, "patients/patient_list.html", table=table, form=asked.form, page=page, context=context)

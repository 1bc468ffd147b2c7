"""A record's history, masked until somebody asks for a value, and the SSN, shown to few and only when asked for."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.authentication.types import Permission
from apps.core.patients import selectors
from apps.core.patients.types import NotFound
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import page_number, render_page


@guard(Permission.PATIENT_HISTORY, not_found=(NotFound,))
@require_safe
def history(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Who did what to this record and when; which fields, but not their values."""
    found = selectors.patient_history(
        patient_id,
        group=request.GET.get("field", ""),
        page=page_number(request.GET),
        by=request.actor,  # type: ignore[attr-defined]
    )
    asked = request.GET.get("field", "")
    counted = ngettext("%(count)s change", "%(count)s changes", found.total) % {"count": found.total}
    context = {"banner": found.banner, "page": found, "found": counted}
    context["chosen"] = asked if asked in dict(found.fields) else ""
    return render_page(request, "patients/history.html", context, partials=("list",), live=counted)


@guard(Permission.PATIENT_HISTORY, not_found=(NotFound,))
@require_POST
def reveal(request: HttpRequest, patient_id: UUID, entry_id: UUID) -> HttpResponse:
    """The values of one act, in its place; without htmx on a page of their own."""
    by = request.actor  # type: ignore[attr-defined]
    line = selectors.reveal_history(patient_id, entry_id, by=by)
    context = {"line": line, "patient_id": patient_id, "is_revealed": True}
    if request.headers.get("HX-Request"):
        return render_page(request, "patients/history.html#line", context)
    return render_page(request, "patients/history_entry.html", context)


@guard(Permission.PATIENT_SSN_REVEAL, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def ssn(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Posted, the whole number, once; else the button that asks for it."""
    by = request.actor  # type: ignore[attr-defined]
    shown = selectors.reveal_ssn(patient_id, by=by) if request.method == "POST" else ""
    has_ssn = bool(shown) or selectors.ssn_on_record(patient_id, by=by)
    context = {"patient_id": patient_id, "shown": shown, "has_ssn": has_ssn, "last_four": ""}
    return render_page(request, "patients/ssn.html", context, partials=("ssn",))

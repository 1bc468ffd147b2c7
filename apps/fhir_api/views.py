"""A patient's record as FHIR, and bringing patients along: first a report of what would happen, then it happens."""

from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.authentication.types import Permission
from apps.core.patients.types import OUR_SYSTEM, NotFound
from apps.fhir_api import selectors, services
from apps.fhir_api.forms import FAULT_WORDS, UNMAPPED_WORDS, ImportForm
from apps.fhir_api.types import DocumentTooLong, ImportEntry, ImportReport
from apps.fhir_transform.types import Unmapped
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page, seal_response

FHIR_JSON = "application/fhir+json"


@guard(Permission.PATIENT_READ, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The record as a FHIR Patient, to read and copy; posted, as a file, with the SSN where it was asked for."""
    by = request.actor  # type: ignore[attr-defined]
    with_ssn = request.method == "POST" and request.POST.get("ssn") == "yes"
    found = selectors.fhir_patient(patient_id, with_ssn=with_ssn, by=by)
    text = orjson.dumps(found.resource, option=orjson.OPT_INDENT_2)
    if request.method == "POST":
        answer = HttpResponse(text, content_type=FHIR_JSON)
        answer["Content-Disposition"] = 'attachment; filename="patient.json"'
        return seal_response(answer)
    lines = min(48, text.count(b"\n") + 2)
    context = {"banner": found.banner, "has_ssn": found.has_ssn, "text": text.decode(), "lines": lines}
    return render_page(request, "fhir/patient.html", context)


@guard(Permission.PATIENT_CREATE)
@require_http_methods(["GET", "HEAD", "POST"])
def import_patients(request: HttpRequest) -> HttpResponse:
    """Ask for a document, show what it would do, and do it when somebody says so."""
    by = request.actor  # type: ignore[attr-defined]
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if request.method == "POST" and form.is_valid():
        document: bytes = form.cleaned_data["document"]
        confirmed = "confirm" in request.POST
        try:
            act = services.import_document if confirmed else services.preview_document
            report = act(document, by=by)
        except DocumentTooLong:
            form.add_error(None, _("More than 200 patients at once are not taken. Split the document."))
        else:
            context = {**_words(report), "document": "" if confirmed else document.decode(), "done": confirmed}
            return render_page(request, "fhir/import_report.html", context)
    return render_page(request, "fhir/import.html", {"form": form}, status=422 if form.errors else 200)


def _words(report: ImportReport) -> dict[str, object]:
    """The report with its codes in words."""
    unmapped = [(path, UNMAPPED_WORDS[Unmapped(reason)], count) for path, reason, count in report.unmapped]
    return {"report": report, "lines": [_line(one) for one in report.entries], "unmapped": unmapped}


def _line(entry: ImportEntry) -> dict[str, object]:
    return {
        "entry": entry,
        "taken": "" if entry.taken_system == OUR_SYSTEM else entry.taken_system,
        "faults": [(one.path, FAULT_WORDS[one.fault]) for one in entry.faults],
        "unmapped": [(one.path, UNMAPPED_WORDS[one.reason]) for one in entry.unmapped],
    }

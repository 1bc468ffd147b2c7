"""What the patient agreed to, what they asked about their record, and who looked at it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.patients import selectors as patients
from apps.core.patients import services
from apps.core.patients.types import InvalidPatient
from apps.foundation.web.documents import NoDocuments
from apps.foundation.web.pages import render_page, seal_response
from apps.portal import selectors
from apps.portal import services as copies
from apps.portal.forms import OwnRequestForm
from apps.portal.types import OwnCopy
from apps.portal.views.own import own_page


@own_page
@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """The way to everything that is about the record and the account."""
    return render_page(request, "portal/record.html", {"person": patients.own_person(request.actor)})  # type: ignore[attr-defined]


@own_page
@require_safe
def consents(request: HttpRequest) -> HttpResponse:
    """What the patient agreed to."""
    context = {"consents": patients.own_consents(request.actor)}  # type: ignore[attr-defined]
    return render_page(request, "portal/consents.html", context)


@own_page
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """One consent with its words; posted, it is taken back and its program stops."""
    by = request.actor  # type: ignore[attr-defined]
    found = patients.own_consent(consent_id, by)
    if request.method == "POST":
        try:
            services.withdraw_own_consent(consent_id=consent_id, by=by, now=timezone.now())
            messages.success(
                request, _("You took your consent back. The program has stopped. Your team will call you.")
            )
        except InvalidPatient:
            messages.error(request, _("This could not be changed here. Please call your team."))
        return HttpResponseRedirect(reverse("portal:consents"))
    wording = f"patients/consents/{found.version}.{found.language}.html"
    context = {"consent": found, "wording": wording, "practice_name": request.practice_name}  # type: ignore[attr-defined]
    return render_page(request, "portal/consent.html", context)


@own_page
@require_http_methods(["GET", "HEAD", "POST"])
def requests(request: HttpRequest) -> HttpResponse:
    """What the patient asked about their record; posted, one more."""
    by = request.actor  # type: ignore[attr-defined]
    form = OwnRequestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_about_own_record(by=by, now=timezone.now(), **form.entered())
        except InvalidPatient as refusal:
            form.show_faults(refusal)
        else:
            messages.success(request, _("Your team has your request. They will answer within the time shown below."))
            return HttpResponseRedirect(reverse("portal:requests"))
    context = {"asked": patients.own_requests(by), "form": form, "now": timezone.now()}
    return render_page(request, "portal/requests.html", context, status=422 if form.errors else 200)


@own_page
@require_safe
def copy_fhir(request: HttpRequest, copy_id: UUID) -> HttpResponse:
    """The granted copy as FHIR."""
    by = request.actor  # type: ignore[attr-defined]
    return _file(copies.fhir_copy(request_id=copy_id, by=by, now=timezone.now()))


@own_page
@require_safe
def copy_pdf(request: HttpRequest, copy_id: UUID) -> HttpResponse:
    """The granted copy as PDF."""
    by, practice_name = request.actor, request.practice_name  # type: ignore[attr-defined]
    try:
        made = copies.pdf_copy(request_id=copy_id, practice_name=practice_name, by=by, now=timezone.now())
    except NoDocuments:
        messages.error(request, _("The PDF can't be made right now. Take the other file, or ask your team."))
        return HttpResponseRedirect(reverse("portal:requests"))
    return _file(made)


@own_page
@require_safe
def visits(request: HttpRequest) -> HttpResponse:
    """Who looked at the record in the last 90 days."""
    seen = selectors.who_saw(by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    return render_page(request, "portal/visits.html", {"seen": seen})


def _file(made: OwnCopy) -> HttpResponse:
    answer = HttpResponse(made.content, content_type=made.content_type)
    answer["Content-Disposition"] = f'attachment; filename="{made.file_name}"'
    return seal_response(answer)

"""Who the patient is in other systems: the panel of the Record tab, and writing there."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.authentication.types import Permission
from apps.core.patients import selectors, services
from apps.core.patients.forms.identifiers import SYSTEM_NAMES, TYPES, IdentifierForm, refusal_words
from apps.core.patients.types import IdentifierTaken, IdentifierView, InvalidPatient, NotFound, PatientStatus
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_dialog, render_page


@guard(Permission.PATIENT_READ, not_found=(NotFound,))
@require_safe
def identifiers(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Every number, with what may be done about each."""
    return render_page(request, "patients/identifiers.html", _context(request, patient_id), partials=("identifiers",))


@guard(Permission.PATIENT_CHANGE, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def add_identifier(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask for a number; then the patient is found by it."""
    by = request.actor  # type: ignore[attr-defined]
    form = IdentifierForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_identifier(patient_id=patient_id, identifier=form.identifier(), by=by)
        except IdentifierTaken:
            form.add_error("value", _("Another patient has this number in this system."))
        except InvalidPatient as refusal:
            form.show_faults(refusal)
        else:
            return _shown(request, patient_id, _("The number was added."))
    context = {**_context(request, patient_id), "form": form}
    return render_dialog(request, "patients/add_identifier.html", context, wrong=bool(form.errors))


@guard(Permission.PATIENT_CHANGE, not_found=(NotFound,))
@require_POST
def make_primary(request: HttpRequest, patient_id: UUID, identifier_id: UUID) -> HttpResponse:
    """This number is the one that its system goes by."""
    by = request.actor  # type: ignore[attr-defined]
    return _done(
        request,
        patient_id,
        lambda: services.make_identifier_primary(patient_id=patient_id, identifier_id=identifier_id, by=by),
        _("This is the primary number now."),
    )


@guard(Permission.PATIENT_CHANGE, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def remove_identifier(request: HttpRequest, patient_id: UUID, identifier_id: UUID) -> HttpResponse:
    """Ask whether it is really wrong; then it is gone, and the trail keeps it."""
    by = request.actor  # type: ignore[attr-defined]
    if request.method == "POST":
        return _done(
            request,
            patient_id,
            lambda: services.remove_identifier(patient_id=patient_id, identifier_id=identifier_id, by=by),
            _("The number was removed."),
        )
    context = _context(request, patient_id)
    line = next((one for one in context["lines"] if one["id"] == identifier_id), None)
    if line is None:
        raise NotFound("identifier")
    return render_dialog(request, "patients/remove_identifier.html", {**context, "line": line})


def _context(request: HttpRequest, patient_id: UUID) -> dict[str, Any]:
    by = request.actor  # type: ignore[attr-defined]
    found = selectors.identifiers_of(patient_id, by=by)
    banner = selectors.patient_banners([patient_id])[patient_id]
    may_change = banner.status is PatientStatus.ACTIVE and by.may(Permission.PATIENT_CHANGE)
    return {"banner": banner, "lines": [_line(one) for one in found], "may_change": may_change}


def _line(one: IdentifierView) -> dict[str, Any]:
    return {
        "id": one.id,
        "system": SYSTEM_NAMES.get(one.system, one.system),
        "kind": dict(TYPES)[one.type.value],
        "value": one.value,
        "is_primary": one.is_primary,
        "may_be_primary": one.may_be_primary,
    }


def _done(request: HttpRequest, patient_id: UUID, act: Callable[[], None], said: str) -> HttpResponse:
    try:
        act()
    except InvalidPatient as refusal:
        return _shown(request, patient_id, "", refused=refusal_words(refusal))
    return _shown(request, patient_id, said)


def _shown(request: HttpRequest, patient_id: UUID, said: str, *, refused: str = "") -> HttpResponse:
    """The panel as it stands now; without htmx the page of it, with the same words."""
    if not request.headers.get("HX-Request"):
        messages.add_message(request, messages.ERROR if refused else messages.SUCCESS, refused or said)
        return HttpResponseRedirect(reverse("patients:identifiers", args=[patient_id]))
    context = {**_context(request, patient_id), "refusal": refused}
    status = 409 if refused else 200
    response = render_page(
        request, "patients/identifiers.html#identifiers", context, live=refused or said, status=status
    )
    response["HX-Trigger"] = "close-dialog"
    return response

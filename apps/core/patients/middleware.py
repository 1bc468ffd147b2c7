"""Panels: whoever asks for a patient outside their panel is offered emergency access, before any view runs.

Here and not in each view, so that an address that names a patient can't be forgotten. Lists see to themselves, in
`selectors.panels`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from apps.core.patients import selectors, services
from apps.core.patients.types import EMERGENCY, AccessKind
from apps.core.patients.views.emergency import refused_page
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.problems import plain_problem
from apps.settings.selectors import remembering_choice

API = "/api/"
OPEN_OUTSIDE = "opens_outside_panels"
"""What a view has that may be reached without access: the door itself."""


class PanelMiddleware:
    """Stops everyone at the door of a patient whom they may not open. Another practice's patient stays not found."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Whether the practice works in panels is asked once."""
        with remembering_choice():
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Nothing for an address without a patient; the refusal for a patient outside; in an emergency, its mark.

        Whoever reads because of an emergency does so under that circumstance: every row of the log says it.
        """
        patient_id: UUID | None = kwargs.get("patient_id")
        by: Actor | None = getattr(request, "actor", None)
        if patient_id is None or by is None or getattr(getattr(view, "cls", view), OPEN_OUTSIDE, False):
            return None
        access = selectors.access_to(patient_id, by=by)
        if access is None or access.kind in (AccessKind.WHOLE, AccessKind.PANEL):
            return None
        if access.kind is AccessKind.EMERGENCY:
            request.actor = replace(by, circumstance=EMERGENCY)  # type: ignore[attr-defined]
            request.emergency_until = access.until  # type: ignore[attr-defined]
            return None
        named = getattr(request.resolver_match, "view_name", "")
        services.record_refusal(patient_id=patient_id, view=named, by=by)
        return _refused(request, patient_id)


def _refused(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """403 that says how to get in: for a program as a problem, for a fragment by way of the page, else as the page."""
    if request.path.startswith(API):
        address = request.build_absolute_uri(reverse("patients_api:emergency_access", args=[patient_id]))
        detail = "The patient is outside your panel. With a reason, emergency access opens the record for 60 minutes."
        return plain_problem(403, detail, emergency_access=address)
    if request.headers.get("HX-Request"):
        refused = HttpResponse(status=403, headers={"Cache-Control": "no-store"})
        if request.method in ("GET", "HEAD"):
            # What was typed stays where it is: an emergency access may end while somebody writes.
            refused["HX-Redirect"] = reverse("patients:emergency", args=[patient_id])
        return refused
    return refused_page(request, patient_id)

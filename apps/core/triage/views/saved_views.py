"""Keeping a board under a name, and letting it go."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.authentication.types import Permission
from apps.core.triage import services
from apps.core.triage.forms import BoardForm, SaveViewForm
from apps.core.triage.types import SavedViewNotFound, SavedViewRefused
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import go_to


@guard(Permission.TRIAGE_READ)
@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """The board as it is filtered stands under this name from now on; a search is never kept."""
    form, criteria = SaveViewForm(request.POST), BoardForm(request.POST).criteria()
    try:
        services.save_view(
            name=form.cleaned_data["name"] if form.is_valid() else "",
            criteria=criteria,
            by=request.actor,  # type: ignore[attr-defined]
            now=timezone.now(),
        )
    except SavedViewRefused as refusal:
        messages.error(request, _refused(refusal))
    else:
        messages.success(request, _("This view is kept. It stands under “Views”, for you only."))
    return go_to(request, f"{reverse('triage:board')}?{urlencode(criteria)}".rstrip("?"))


@guard(Permission.TRIAGE_READ, not_found=(SavedViewNotFound,))
@require_POST
def forget_view(request: HttpRequest, view_id: UUID) -> HttpResponse:
    """The reader's view is gone."""
    services.forget_view(view_id=view_id, by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("The view is gone. No patient was changed."))
    return go_to(request, reverse("triage:board"))


def _refused(refusal: SavedViewRefused) -> str:
    if str(refusal) == "too_many":
        return _("You keep 20 views already. Nothing was kept: delete one first.")
    return _("Nothing was kept: give the view a name of up to 60 characters.")

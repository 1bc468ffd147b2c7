"""The page on which an administrator chooses for the practice."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.authentication.types import Permission
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page
from apps.settings.forms import PreferencesForm
from apps.settings.selectors import get_preferences
from apps.settings.services import change_preferences


@guard(Permission.PRACTICE_CONFIGURE)
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Show what holds, and change it."""
    form = PreferencesForm(request.POST or None, initial=PreferencesForm.values_of(get_preferences()))
    if request.method == "POST" and form.is_valid():
        change_preferences(preferences=form.preferences(), by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("settings:preferences"))
    return render_page(request, "settings/preferences.html", {"form": form}, status=422 if form.errors else 200)

"""The pages on which an administrator chooses for the practice."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.authentication.selectors import policy_in
from apps.authentication.selectors.people import count_without_second_factor
from apps.authentication.selectors.roles import role_name
from apps.authentication.selectors.second_factor import next_step_of
from apps.authentication.services.policy import change_policy
from apps.authentication.types import EndReason, Permission
from apps.authentication.types.attempts import NextStep
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page
from apps.settings.forms import PreferencesForm, SecurityForm
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


@guard(Permission.PRACTICE_CONFIGURE)
@require_http_methods(["GET", "HEAD", "POST"])
def security(request: HttpRequest) -> HttpResponse:
    """Show how people get in, whom a second factor would surprise, and change it."""
    held = policy_in(current_practice_id())
    form = SecurityForm(request.POST if request.method == "POST" else None, initial=SecurityForm.values_of(held))
    if request.method == "POST" and form.is_valid():
        change_policy(policy=form.policy(), by=request.actor)  # type: ignore[attr-defined]
        if next_step_of(request.user.pk) is NextStep.ENROL:  # type: ignore[arg-type]
            logout(request)
            return HttpResponseRedirect(f"{reverse('account_login')}?ended={EndReason.NOT_PROVED}")
        messages.success(
            request, _("Saved. Whoever needs a second factor now and has none was signed out to set it up.")
        )
        return HttpResponseRedirect(reverse("settings:security"))
    bare = count_without_second_factor()
    context = {
        "form": form,
        "bare": [(role_name(role), count) for role, count in bare.items()],
        "bare_and_required": sum(count for role, count in bare.items() if role in held.second_factor_roles),
    }
    return render_page(request, "settings/security.html", context, status=422 if form.errors else 200)

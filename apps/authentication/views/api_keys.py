"""The keys of services: who has one, a new one, and its end."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from apps.authentication.forms.api_keys import ApiKeyForm, scope_names
from apps.authentication.selectors.api_keys import list_api_keys
from apps.authentication.services import issue_api_key, revoke_api_key
from apps.authentication.types import ApiKeyInvalid, ApiKeyNotFound, Permission
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page


@guard(Permission.API_KEY_ISSUE)
@require_http_methods(["GET", "HEAD"])
def api_keys(request: HttpRequest) -> HttpResponse:
    """Every key of the practice, those that are over below."""
    now = timezone.now()
    rows = [(key, scope_names(key.scopes)) for key in list_api_keys(by=_actor(request))]
    alive = [row for row in rows if row[0].revoked_at is None and row[0].expires_at > now]
    over = [row for row in rows if row not in alive]
    return render_page(request, "api_keys/list.html", {"alive": alive, "over": over})


@guard(Permission.API_KEY_ISSUE)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("issued")
def issue(request: HttpRequest) -> HttpResponse:
    """The form; then the key itself, on this one page and never again."""
    form = ApiKeyForm(request.POST or None, by=_actor(request))
    if request.method == "POST" and form.is_valid():
        try:
            issued = issue_api_key(**form.cleaned_data, by=_actor(request))
        except ApiKeyInvalid as fault:
            form.add_error(fault.field, _("This is not possible."))
        else:
            return render_page(
                request, "api_keys/issued.html", {"secret": issued.secret, "name": form.cleaned_data["name"]}
            )
    return render_page(request, "api_keys/issue.html", {"form": form}, status=422 if form.errors else 200)


@guard(Permission.API_KEY_ISSUE, not_found=(ApiKeyNotFound,))
@require_POST
def revoke(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """The key lets nobody in any longer."""
    revoke_api_key(key_id, by=_actor(request))
    messages.success(request, _("The key was revoked."))
    return HttpResponseRedirect(reverse("api_keys:list"))


def _actor(request: HttpRequest) -> Actor:
    by: Actor = request.actor  # type: ignore[attr-defined]
    return by

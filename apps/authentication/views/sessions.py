"""Where a person is signed in, and how they end it."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.authentication import sessions
from apps.authentication.adapter import actor_behind
from apps.authentication.selectors.sessions import places_of
from apps.authentication.services import end_place, end_sessions, record_account_event, revoke_families, revoke_family
from apps.authentication.types import EndReason, PlaceNotFound
from apps.foundation.web.guards import public, sign_in_url
from apps.foundation.web.pages import render_page

_own = public(reason="about nobody but the signed-in person, who may belong to no practice; it asks for sign-in itself")


@_own
@require_http_methods(["GET", "HEAD"])
def signed_in(request: HttpRequest) -> HttpResponse:
    """The list of browsers and programs."""
    if not request.user.is_authenticated:
        return HttpResponseRedirect(sign_in_url(request))
    places = places_of(request.user.pk, this_hash=sessions.key_hash(request.session))
    return render_page(request, "account/sessions.html", {"places": places})


@_own
@require_POST
def end_one(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """One of them is over. 404 for what is not the person's own."""
    user = request.user
    if not user.is_authenticated:
        return HttpResponseRedirect(sign_in_url(request))
    by = actor_behind(request, user)
    if not revoke_family(place_id, user_id=user.pk, reason=EndReason.ELSEWHERE, by=by):
        try:
            end_place(place_id, user_id=user.pk, by=by)
        except PlaceNotFound:
            raise Http404 from None
    messages.success(request, _("Signed out there."))
    return redirect(reverse("account_sessions"))


@_own
@require_POST
def end_all(request: HttpRequest) -> HttpResponse:
    """Signed out everywhere, here too."""
    user = request.user
    if not user.is_authenticated:
        return HttpResponseRedirect(sign_in_url(request))
    by = actor_behind(request, user)
    revoke_families(user.pk, reason=EndReason.ELSEWHERE, by=by)
    end_sessions(user.pk, reason=EndReason.ELSEWHERE, by=by)
    record_account_event("auth.logout", user_id=user.pk, by=by, everywhere=True)
    logout(request)
    response = redirect(f"{reverse(settings.LOGIN_URL)}?ended=everywhere")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response

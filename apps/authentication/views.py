"""The account pages that allauth does not have, and the one where it leaves something behind."""

from uuid import UUID

from allauth.account import views as allauth_views
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from apps.authentication import sessions
from apps.authentication.adapter import actor_behind
from apps.authentication.selectors import actor_of, membership_for
from apps.authentication.services import record_account_event
from apps.foundation.web.guards import public


@public(reason="signing out needs no permission")
def sign_out(request: HttpRequest) -> HttpResponse:
    """allauth's sign-out; the browser also forgets what it kept of the pages (security.md part 2, row 10)."""
    response: HttpResponse = allauth_views.logout(request)
    if request.method == "POST":
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@require_POST
@public(reason="someone whose first practice was closed has no permission there, yet may choose another of theirs")
def choose_practice(request: HttpRequest) -> HttpResponse:
    """The session works in the posted practice from now on; 404 unless the person is a member there."""
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    try:
        practice_id = UUID(request.POST.get("practice", ""))
    except ValueError:
        raise Http404 from None
    membership = membership_for(request.user.pk, practice_id)
    if membership is None:
        raise Http404
    left = actor_behind(request, request.user)
    entered = actor_of(membership, ip=left.ip, request_id=left.request_id)
    sessions.choose_practice(request.session, practice_id)
    for by in {left.practice_id: left, practice_id: entered}.values():
        record_account_event("auth.practice_chosen", user_id=request.user.pk, by=by, practice=practice_id)
    return redirect(settings.LOGIN_REDIRECT_URL)

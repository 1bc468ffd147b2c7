"""What every request goes through: the idle clock, then the person as actor inside the scope of their practice."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone

from apps.authentication import sessions
from apps.authentication.adapter import actor_behind
from apps.authentication.selectors import actor_of, membership_for
from apps.authentication.services import record_account_event
from apps.foundation.tenancy.services import scope

GetResponse = Callable[[HttpRequest], HttpResponse]


class IdleSessionMiddleware:
    """Ends a session after 30 idle minutes or 12 hours. A page that polls does not keep it alive."""

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a fragment of an ended session with 401 and the way to sign-in; a page goes on as a stranger's."""
        if not request.user.is_authenticated:
            return self.get_response(request)
        now = timezone.now()
        if sessions.is_over(request.session, now):
            record_account_event("auth.session_ended", user_id=request.user.pk, by=actor_behind(request, request.user))
            logout(request)
            if request.headers.get("HX-Request"):
                where = resolve_url(settings.LOGIN_URL)
                return HttpResponse(status=401, headers={"HX-Redirect": where, "Cache-Control": "no-store"})
        elif sessions.POLL_HEADER not in request.headers:
            sessions.touch(request.session, now)
        return self.get_response(request)


class ActorMiddleware:
    """Sets `request.actor` from the person's membership, read anew each time, and opens the scope of its practice."""

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A person without an active membership is signed in but acts nowhere: `request.actor` is None.

        Times are shown in the practice's zone; `request.practice_name` is for the page's head.
        """
        request.actor = None  # type: ignore[attr-defined]
        if not request.user.is_authenticated:
            return self.get_response(request)
        membership = membership_for(request.user.pk, sessions.practice_of(request.session))
        if membership is None:
            return self.get_response(request)
        request.actor = actor_of(  # type: ignore[attr-defined]
            membership, ip=sessions.address_of(request), request_id=getattr(request, "request_id", "")
        )
        practice = membership.practice
        request.practice_name = practice.name  # type: ignore[attr-defined]
        with scope(practice.id), timezone.override(ZoneInfo(practice.time_zone)):
            response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

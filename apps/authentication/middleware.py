"""What every request goes through: who asks, by header or session; then that actor in the scope of their practice."""

from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import AuthenticationMiddleware, auser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone

from apps.authentication import bearer, services, sessions
from apps.authentication.adapter import actor_behind
from apps.authentication.selectors import actor_of
from apps.authentication.selectors.sessions import end_reason_of
from apps.authentication.selectors.standing import Standing, standing_in_session
from apps.authentication.types import EndReason, TokenRefused
from apps.foundation.tenancy.services import scope
from apps.foundation.web.limits import over_limit

GetResponse = Callable[[HttpRequest], HttpResponse]


class PersonMiddleware(AuthenticationMiddleware):
    """Sets `request.user`, and `request.membership` where the person works somewhere. One query for both.

    Ends a session after 30 idle minutes or 12 hours; a page that polls does not keep it alive. Under /api/ an
    Authorization header speaks for the request, and the cookie is not looked at.
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer."""
        super().__init__(get_response)
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Find out who asks, then go on; a header that says nothing good ends here.

        A page goes on as a stranger's when its session is over; a fragment of one gets 401 and the way to sign-in.
        """
        request.auser = partial(auser, request)  # type: ignore[attr-defined]
        request.membership = None  # type: ignore[attr-defined]
        request.session_ended = ""  # type: ignore[attr-defined]
        if bearer.is_sent(request):
            try:
                caller = bearer.caller_of(request)
            except TokenRefused:
                return over_limit(request) or bearer.refusal(request)
            request.caller, request.user = caller, caller.user  # type: ignore[attr-defined,assignment]
            request.membership = caller.membership  # type: ignore[attr-defined]
            request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
            return self.get_response(request)
        standing = _standing_of(request)
        request.user = AnonymousUser() if standing is None else standing.user
        request.membership = standing and standing.membership  # type: ignore[attr-defined]
        if standing is not None:
            self._keep_clock(request)
        if not request.session_ended:  # type: ignore[attr-defined]
            return self.get_response(request)
        if request.headers.get("HX-Request"):
            where = resolve_url(settings.LOGIN_URL)
            return _told(request, HttpResponse(status=401, headers={"HX-Redirect": where, "Cache-Control": "no-store"}))
        return _told(request, self.get_response(request))

    def _keep_clock(self, request: HttpRequest) -> None:
        """The session is over, or this request is noted as activity to the minute."""
        now = timezone.now()
        reason = sessions.why_ended(request.session, now)
        if reason:
            by = actor_behind(request, request.user)  # type: ignore[arg-type]
            services.end_session(key_hash=sessions.key_hash(request.session), reason=reason)
            services.record_account_event("auth.session_ended", user_id=request.user.pk, by=by, reason=str(reason))
            logout(request)
            request.membership = None  # type: ignore[attr-defined]
            request.session_ended = reason  # type: ignore[attr-defined]
        elif sessions.POLL_HEADER not in request.headers and sessions.is_due(request.session, now):
            sessions.touch(request.session, now)
            services.note_session_seen(
                key_hash=sessions.key_hash(request.session),
                user_id=request.user.pk,
                ip=sessions.address_of(request),
                browser=request.headers.get("User-Agent", ""),
                now=now,
            )


class ActorMiddleware:
    """Sets `request.actor` from the membership, read anew each time, and opens the scope of its practice."""

    def __init__(self, get_response: GetResponse) -> None:
        """Remember the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A person without an active membership is signed in but acts nowhere: `request.actor` is None.

        Times are shown in the practice's zone; `request.practice_name` is for the page's head.
        """
        request.actor = None  # type: ignore[attr-defined]
        caller: bearer.Caller | None = getattr(request, "caller", None)
        membership = request.membership  # type: ignore[attr-defined]
        if caller is not None:
            practice, request.actor = caller.practice, caller.actor  # type: ignore[attr-defined]
        elif membership is not None:
            practice = membership.practice
            request.actor = actor_of(  # type: ignore[attr-defined]
                membership, ip=sessions.address_of(request), request_id=getattr(request, "request_id", "")
            )
        else:
            return self.get_response(request)
        request.practice_name = practice.name  # type: ignore[attr-defined]
        with scope(practice.id), timezone.override(ZoneInfo(practice.time_zone)):
            response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def _standing_of(request: HttpRequest) -> Standing | None:
    """Who is behind the session. Without a cookie nothing is read; one that is over is forgotten."""
    sent = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not sent:
        return None
    session = request.session
    user_id = sessions.person_in(session)
    if user_id is None:
        if session.session_key is None:
            request.session_ended = end_reason_of(sessions.key_hash_of(sent))  # type: ignore[attr-defined]
        return None
    hashed = sessions.key_hash(session)
    found = standing_in_session(user_id, sessions.practice_of(session), hashed)
    if found is not None and not found.is_ended and sessions.is_proven(session, found.user):
        return found
    if found is not None:
        request.session_ended = end_reason_of(hashed) if found.is_ended else EndReason.PASSWORD  # type: ignore[attr-defined]
    session.flush()
    return None


def _told(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Where the answer leads to the sign-in page, that page is told why."""
    sign_in = resolve_url(settings.LOGIN_URL)
    for header in ("Location", "HX-Redirect"):
        where = response.headers.get(header, "")
        if where.partition("?")[0] == sign_in and "ended=" not in where:
            more = urlencode({"ended": request.session_ended})  # type: ignore[attr-defined]
            response.headers[header] = f"{where}{'&' if '?' in where else '?'}{more}"
    return response

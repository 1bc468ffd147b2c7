"""So many requests a minute: by person for those who are known, by address for everybody else."""

import logging
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext

from apps.foundation.tenancy.types import Actor
from apps.foundation.web.errors import API, refuse_body
from apps.foundation.web.problems import plain_problem
from apps.foundation.web.rates import seconds_to_wait

logger = logging.getLogger(__name__)


class RateLimitMiddleware:
    """Answers 429 to a caller over RATE_LIMIT_PER_MINUTE. Stands behind whatever finds out who asks.

    A page that asks by itself (`settings.POLLED_PATHS`, and the panels of `settings.PANEL_PATHS` that a page fetches
    as it opens) has RATE_LIMIT_POLLS_PER_MINUTE of its own, so that an open page takes nothing from its reader. Static
    files and machines' paths are answered before they get here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return over_limit(request) or self.get_response(request)


class BodyLimitMiddleware:
    """Answers 413 to a body that is longer than anything here takes, before a byte of it is read, and 411 to one that
    does not say how long it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or ""
        if "HTTP_TRANSFER_ENCODING" in request.META and not length:
            return refuse_body(request, 411)
        if length.isascii() and length.isdecimal() and int(length[:12]) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
            return refuse_body(request, 413)
        return self.get_response(request)


def over_limit(request: HttpRequest) -> HttpResponse | None:
    """Counts the request; 429 when its caller has asked too often. Whoever answers before the middleware asks this."""
    caller, known = caller_of(request)
    polls = known and (request.path_info in settings.POLLED_PATHS or fills_itself(request))
    limit = settings.RATE_LIMIT_POLLS_PER_MINUTE if polls else settings.RATE_LIMIT_PER_MINUTE
    wait = seconds_to_wait("poll" if polls else "any", caller, limit)
    return too_many(request, wait) if wait else None


def fills_itself(request: HttpRequest) -> bool:
    """Whether the address is that of a panel, of which a page fetches a dozen as it opens. No header decides it."""
    path = request.path_info
    return request.method == "GET" and not path.startswith(API) and path.endswith(settings.PANEL_PATHS)


def caller_of(request: HttpRequest) -> tuple[str, bool]:
    """Whose requests are counted together, and whether it is somebody known.

    An address of version 6 stands for its network: whoever has one has a whole /64.
    """
    actor: Actor | None = getattr(request, "actor", None)
    if actor is not None and actor.user_id is not None:
        return f"person {actor.user_id}", True
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return f"person {user.pk}", True
    address = str(request.META.get("REMOTE_ADDR", ""))
    try:
        parsed = ip_address(address)
    except ValueError:
        return f"address {address}", False
    if isinstance(parsed, IPv6Address):
        return f"address {ip_network((int(parsed), 64), strict=False).network_address}", False
    return f"address {parsed}", False


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """429 as a page or as problem details, and when to come again."""
    logger.warning("rate limit reached")
    detail = ngettext(
        "Too many requests. Try again in %(count)s second.",
        "Too many requests. Try again in %(count)s seconds.",
        seconds,
    ) % {"count": seconds}
    if request.path.startswith(API):
        response: HttpResponse = plain_problem(429, detail)
    elif request.headers.get("HX-Request"):
        response = HttpResponse(detail, content_type="text/plain; charset=utf-8", status=429)
    else:
        response = render(request, "429.html", {"detail": detail}, status=429)
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    return response

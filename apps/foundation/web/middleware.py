"""What every request passes: an id that stands in answer, log and audit trail, and a short way for machines."""

import re
from collections.abc import Callable
from ipaddress import ip_address
from uuid import uuid4

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch, resolve

_ACCEPTABLE = re.compile(r"^[A-Za-z0-9-]{8,40}$")


class RequestIdMiddleware:
    """`request.request_id` is the caller's X-Request-Id if it is harmless, else a new one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _ACCEPTABLE.match(given) else uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response.headers["X-Request-Id"] = request_id
        return response


class HeadersMiddleware:
    """The headers that every answer carries, and that Django has no setting for.

    What is no page (a probe, a file) gets a policy that lets nothing in; pages have the one of the settings.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in settings.HEADERS_EVERYWHERE.items():
            response.headers.setdefault(name, value)
        return response


class ClientAddressMiddleware:
    """Behind our own proxy, the caller's address is the one that the proxy reports, not the proxy's.

    Only with `settings.BEHIND_PROXY`: otherwise anybody could claim any address. The last entry is the proxy's own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.BEHIND_PROXY:
            reported = request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip()
            try:
                request.META["REMOTE_ADDR"] = str(ip_address(reported))
            except ValueError:
                pass
        return self.get_response(request)


class MachineMiddleware:
    """Requests to `settings.MACHINE_PATHS` go straight to their view: no session, language, page or cookie for them.

    Those middlewares cost more than taking a webhook in does. Such a view checks its caller itself and is exempt from
    CSRF, which protects people's sessions.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.paths = frozenset(settings.MACHINE_PATHS)
        self._found: dict[str, ResolverMatch] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info not in self.paths:
            return self.get_response(request)
        match = self._found.get(request.path_info)
        if match is None:
            match = self._found[request.path_info] = resolve(request.path_info)
        request.resolver_match = match
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        response.headers.setdefault("Content-Length", str(len(response.content)))
        return response

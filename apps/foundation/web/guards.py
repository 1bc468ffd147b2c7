"""Who may open a page. A view says so with one of two decorators; one with neither fails an architecture test."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor, NotPermitted

_REFUSALS_REST_SECONDS = 60

View = TypeVar("View", bound=Callable[..., HttpResponse])


def guard(permission: str, *, not_found: tuple[type[Exception], ...] = ()) -> Callable[[View], View]:
    """Let only people with `permission` in. Others: sign-in when nobody is signed in, 403 when somebody else is.

    A NotPermitted raised further down (by a selector or a service) ends as the same 403, and the exceptions named
    in `not_found` as 404, so that another practice's id looks like one that nobody has.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor: Actor | None = getattr(request, "actor", None)
            if actor is None:
                return _refuse_stranger(request)
            if not actor.may(str(permission)):
                record_refusal(actor, str(permission), view.__name__)
                raise PermissionDenied
            try:
                return view(request, *args, **kwargs)
            except NotPermitted as refusal:
                record_refusal(actor, str(refusal), view.__name__)
                raise PermissionDenied from refusal
            except not_found as absence:
                record_refusal(actor, "", view.__name__)
                raise Http404 from absence

        guarded.guard_permission = str(permission)  # type: ignore[attr-defined]
        return cast(View, guarded)

    return decorate


def record_refusal(actor: Actor, permission: str, view: str) -> None:
    """The log says that the actor was refused (no permission, or with none named: not found), once a minute a view."""
    name = f"refused:{actor.user_id}:{actor.practice_id}:{view}:{permission}"
    if cache.add(name, True, timeout=_REFUSALS_REST_SECONDS):
        audit.record_event("access.denied", by=actor, detail={"permission": permission or "not found", "view": view})


def public(*, reason: str) -> Callable[[View], View]:
    """Let everybody in, and say why that is right."""
    if not reason.strip():
        raise ValueError("A public view needs a reason.")

    def decorate(view: View) -> View:
        @wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return view(request, *args, **kwargs)

        opened.guard_public_reason = reason  # type: ignore[attr-defined]
        return cast(View, opened)

    return decorate


def sign_in_url(request: HttpRequest) -> str:
    """The sign-in page, with the way back where the way back is a page one can GET."""
    url = resolve_url(settings.LOGIN_URL)
    if request.method != "GET" or request.headers.get("HX-Request"):
        return url
    return f"{url}?{urlencode({'next': request.get_full_path()})}"


def _refuse_stranger(request: HttpRequest) -> HttpResponse:
    """Redirect a page to sign-in; answer a fragment with 401, which htmx turns into the same redirect.

    Somebody who is signed in but belongs to no practice gets 403: sign-in could not help them.
    """
    if request.user.is_authenticated:
        raise PermissionDenied
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": sign_in_url(request), "Cache-Control": "no-store"})
    return HttpResponseRedirect(sign_in_url(request))

"""What every page of the portal shares: only patients, in the language that they chose."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from apps.authentication.selectors import language_of
from apps.authentication.types import Permission
from apps.core.patients.types import NotFound
from apps.foundation.web.guards import guard

View = Callable[..., HttpResponse]


def own_page(view: View) -> View:
    """Only for patients, about themselves; what is not theirs is not found."""

    @wraps(view)
    def in_own_language(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen = language_of(request.actor.user_id)  # type: ignore[attr-defined]
        with translation.override(chosen or translation.get_language()):
            return view(request, *args, **kwargs)

    return guard(Permission.PORTAL_USE, not_found=(NotFound,))(in_own_language)

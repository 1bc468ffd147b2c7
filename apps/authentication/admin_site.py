"""Django's admin for administrators of the active practice, behind our own sign-in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import URLPattern, reverse
from django.utils.translation import gettext_lazy as _

from apps.authentication.types import Role
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.guards import record_refusal, sign_in_url

_LEFT_OUT = frozenset({"autocomplete", "view_on_site"})
_PAST_THE_END = 5


class PracticeAdminSite(AdminSite):
    """Open to whoever acts as administrator now; there is no second sign-in page to guess passwords on."""

    site_header = _("Vantrexia administration")
    site_title = _("Vantrexia")
    index_title = _("Administration")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only models of ours: a package's own would change without our audit trail."""
        offered = [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        ours = [model for model in offered if model.__module__.startswith("apps.")]
        super().register(ours, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Only an administrator of the active practice."""
        actor: Actor | None = getattr(request, "actor", None)
        return actor is not None and actor.role == Role.ADMIN

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """The view for administrators; sign-in for strangers; for others 403, and the log says that they asked."""
        admitted = super().admin_view(view, cacheable)

        @wraps(view)
        def decided(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return HttpResponseRedirect(sign_in_url(request))
            if not self.has_permission(request):
                _refuse(request)
            answer: HttpResponse = admitted(request, *args, **kwargs)
            return answer

        return decided

    def get_urls(self) -> list[URLPattern]:
        """Django's addresses without the two that look rows up for the asking."""
        return [route for route in super().get_urls() if getattr(route, "name", None) not in _LEFT_OUT]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Also when a page that nobody uses leaves for the sign-in page: a little after the session ended."""
        return {**super().each_context(request), "leaves_after": settings.IDLE_TIMEOUT_SECONDS + _PAST_THE_END}

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The product's own sign-in page; for someone signed in without the role, 403."""
        if not request.user.is_authenticated:
            return HttpResponseRedirect(sign_in_url(request))
        if not self.has_permission(request):
            _refuse(request)
        return HttpResponseRedirect(reverse("admin:index"))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The product's own sign-out, which is audited."""
        return HttpResponseRedirect(resolve_url("account_logout"))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The product's own page, which is audited."""
        return HttpResponseRedirect(resolve_url("account_change_password"))


def _refuse(request: HttpRequest) -> None:
    """Raises PermissionDenied, once the log says so."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is not None:
        record_refusal(actor, "admin", "admin")
    raise PermissionDenied

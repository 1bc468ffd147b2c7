"""Django's admin for administrators of the active practice, behind our own sign-in."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.translation import gettext_lazy as _

from apps.authentication.types import Role
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.guards import sign_in_url


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

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The product's own sign-in page; for someone signed in without the role, 403."""
        if request.user.is_authenticated:
            return HttpResponse(status=403)
        return HttpResponseRedirect(sign_in_url(request))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The product's own sign-out, which is audited."""
        return HttpResponseRedirect(resolve_url("account_logout"))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The product's own page, which is audited."""
        return HttpResponseRedirect(resolve_url("account_change_password"))

"""What every view of the JSON API shares: who may, no caching, and refusals as problem details."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from rest_framework import exceptions
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.foundation.tenancy.types import Actor, NotPermitted
from apps.foundation.web.guards import record_refusal

Refusals = Mapping[type[Exception], Callable[[Any], exceptions.APIException]]


class HasRequiredPermission(BasePermission):
    """Lets in whoever acts in a practice and holds the permission that the view names for the method."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the actor may. A method that the view does not offer is let through to its 405."""
        actor: Actor | None = getattr(request, "actor", None)
        if actor is None or not isinstance(view, ApiView):
            return False
        permission = view.permission_for(request.method or "")
        if permission is None:
            return True
        if not actor.may(permission):
            record_refusal(actor, permission, type(view).__name__)
            return False
        return True


class ApiView(APIView):
    """Names `required_permission`, or one for each method in `permissions_by_method`.

    `refusals` turns what services and selectors raise into answers; the first class that fits decides. What turns into
    404 leaves the same trace in the log as on a page.
    """

    http_method_names = ["get", "head", "post", "put", "delete"]
    permission_classes = (HasRequiredPermission,)
    required_permission: ClassVar[str] = ""
    permissions_by_method: ClassVar[Mapping[str, str]] = {}
    refusals: ClassVar[Refusals] = {}

    def permission_for(self, method: str) -> str | None:
        """The permission that the method asks for; None where the view does not offer the method."""
        offered = "GET" if method == "HEAD" else method
        if offered.lower() not in self.http_method_names or not hasattr(self, offered.lower()):
            return None
        permission = self.permissions_by_method.get(offered) or self.required_permission
        if not permission:
            raise ImproperlyConfigured(f"{type(self).__name__} names no permission for {offered}.")
        return str(permission)

    def handle_exception(self, exc: Exception) -> Response:
        """A refusal becomes the answer that the view names for it."""
        answer = next((turn(exc) for kind, turn in self.refusals.items() if isinstance(exc, kind)), exc)
        self._leave_trace(exc, answer)
        return super().handle_exception(answer)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """No browser and no proxy keeps the answer."""
        final = super().finalize_response(request, response, *args, **kwargs)
        final["Cache-Control"] = "no-store"
        return final

    def _leave_trace(self, refusal: Exception, answer: Exception) -> None:
        by: Actor | None = getattr(self.request, "actor", None)
        if by is None:
            return
        if isinstance(refusal, NotPermitted):
            record_refusal(by, str(refusal), type(self).__name__)
        elif isinstance(answer, exceptions.NotFound) and answer is not refusal:
            record_refusal(by, "", type(self).__name__)


def actor(request: Request) -> Actor:
    """Who asks; a view that was let in has one."""
    by: Actor = request.actor  # type: ignore[attr-defined]
    return by


def checked(serializer: Any) -> dict[str, Any]:
    """What a serializer makes of its input, or ValidationError."""
    serializer.is_valid(raise_exception=True)
    given: dict[str, Any] = serializer.validated_data
    return given

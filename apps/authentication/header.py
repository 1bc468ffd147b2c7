"""The API's views ask here who sent an Authorization header; the middleware has found it out."""

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request


class HeaderAuthentication(BaseAuthentication):
    """For the API's views: whoever the middleware found behind the header. Such a request needs no CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """The caller; None where a browser's session is to be asked."""
        caller = getattr(request._request, "caller", None)
        return None if caller is None else (caller.user, caller)

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return 'Bearer realm="Vantrexia"'

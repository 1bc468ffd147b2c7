"""How the API's document describes the Authorization header."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from apps.authentication.header import HeaderAuthentication


class HeaderSchemes(OpenApiAuthenticationExtension):
    """Both kinds of header in the API's document."""

    target_class = HeaderAuthentication
    name = ["bearer", "apiKey"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        """As OpenAPI says it."""
        return [
            {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "The `access` token of a person's sign-in. It lives for 15 minutes.",
            },
            {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "`Api-Key vxk_…`: the key of a service, issued by an administrator, for named scopes.",
            },
        ]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        """Either one."""
        return [{"bearer": []}, {"apiKey": []}]

"""Every address says who may open it. One that does not fails here."""

import pytest
from django.http import HttpResponse
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from apps.authentication.types import Permission
from apps.foundation.web.guards import guard, public
from tests.architecture.routes import Route, all_routes

# Pages of installed packages: what guards each, as its documentation says.
OF_PACKAGES = {
    "admin": "Django's admin site asks for a superuser on every page but its own sign-in",
    "allauth": "sign-in, sign-out and password reset must be open; the others ask allauth for a session",
}
KNOWN = {permission.value for permission in Permission}


def problem_of(route: Route) -> str:
    """Why this address is not guarded, or nothing."""
    view = route.view
    if getattr(view, "guard_public_reason", ""):
        return ""
    permission = getattr(view, "guard_permission", None)
    if permission is not None:
        return "" if permission in KNOWN else f"{permission} is no permission"
    api = getattr(view, "cls", None)
    if isinstance(api, type) and issubclass(api, APIView):
        permissions = api.permission_classes
        if not permissions or AllowAny in permissions:
            return "the API view lets everybody in and gives no reason (wrap it in public)"
        named = getattr(api, "required_permission", None) or getattr(api, "permissions_by_method", None)
        return "" if named else "the API view names no permission"
    if "admin" in route.namespaces or route.module.startswith("allauth."):
        return ""
    return "neither @guard nor @public"


def describe(route: Route) -> str:
    return route.text or "(root)"


@pytest.mark.parametrize("route", all_routes(), ids=describe)
def test_every_address_is_guarded(route):
    assert not problem_of(route)


def test_an_unguarded_view_is_found():
    def bare(request):
        return HttpResponse()

    class BareApi(APIView):
        permission_classes = (AllowAny,)

    for view in (bare, BareApi.as_view()):
        assert problem_of(Route("bare/", view, (), ()))
    assert problem_of(Route("typo/", guard("no.such.permission")(bare), (), ()))
    assert not problem_of(Route("open/", public(reason="health only")(bare), (), ()))


def test_the_public_addresses_are_the_expected_ones():
    """Everything else asks for a session or a signature; a new one has to be added here on purpose."""
    opened = {route.text for route in all_routes() if getattr(route.view, "guard_public_reason", "")}
    signing_in = {text for text in opened if text.startswith("account/")}
    assert opened - signing_in <= PUBLIC, "an address became public"


PUBLIC = {
    "",
    "language/",
    "livez",
    "sw.js",
    "readyz",
    "portal/invitation/",
    "portal/invitation/birth-date/",
    "portal/invitation/password/",
    "notifications/<uuid:notification_id>/open/",
    ".well-known/security.txt",
    "api/v1/auth/login/",
    "api/v1/auth/login/verify/",
    "api/v1/auth/token/refresh/",
    "api/v1/auth/logout/",
    "api/v1/ingestion/webhook/",
    "api/v1/mio_integration/webhook/",
}


@pytest.mark.django_db
@pytest.mark.parametrize("route", [r for r in all_routes() if r.is_ours and not r.slots], ids=describe)
def test_a_stranger_sees_nothing(route, client):
    """Without a session: a redirect to sign-in, a refusal, or a page that says in the code why it is public."""
    if getattr(route.view, "guard_public_reason", "") or route.module.startswith("apps.authentication"):
        return
    for method in ("get", "post"):
        answer = getattr(client, method)(route.address())
        assert answer.status_code in {302, 401, 403, 405}
        if answer.status_code == 302:
            assert "/account/login/" in answer["Location"]

"""JSON addresses under /api/v1/auth/."""

from django.urls import path

from apps.authentication import api
from apps.foundation.web.guards import public

app_name = "auth_api"

_SIGN_IN = "signing in happens before anyone is known"
_TOKEN = "the refresh token itself proves who asks"  # noqa: S105

urlpatterns = [
    path("login/", public(reason=_SIGN_IN)(api.Login.as_view()), name="login"),
    path("login/verify/", public(reason=_SIGN_IN)(api.Verify.as_view()), name="verify"),
    path("token/refresh/", public(reason=_TOKEN)(api.Refresh.as_view()), name="refresh"),
    path("logout/", public(reason=_TOKEN)(api.Logout.as_view()), name="logout"),
]

"""Sign-in, sign-out and passwords. allauth reverses these names, so they stand in no namespace."""

from allauth.account import views as allauth_views
from django.urls import path, re_path

from apps.authentication import views
from apps.foundation.web.guards import public

_SIGN_IN = "signing in happens before anyone is known"
_RESET = "someone who forgot the password cannot sign in first"
_OWN = "allauth asks for a signed-in person itself; it is about nobody but them"

urlpatterns = [
    path("login/", public(reason=_SIGN_IN)(allauth_views.login), name="account_login"),
    path("logout/", views.sign_out, name="account_logout"),
    path("inactive/", public(reason=_SIGN_IN)(allauth_views.account_inactive), name="account_inactive"),
    path("password/change/", public(reason=_OWN)(allauth_views.password_change), name="account_change_password"),
    path("password/reset/", public(reason=_RESET)(allauth_views.password_reset), name="account_reset_password"),
    path(
        "password/reset/done/",
        public(reason=_RESET)(allauth_views.password_reset_done),
        name="account_reset_password_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        public(reason=_RESET)(allauth_views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        public(reason=_RESET)(allauth_views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("practice/", views.choose_practice, name="choose_practice"),
]

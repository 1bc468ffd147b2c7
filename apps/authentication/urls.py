"""Sign-in, sign-out and passwords. allauth reverses these names, so they stand in no namespace."""

from allauth.account import views as allauth_views
from django.urls import path, re_path

from apps.authentication.views import account, invitations, second_factor, sessions, sign_in, telling
from apps.foundation.web.guards import public

_SIGN_IN = "signing in happens before anyone is known"
_RESET = "someone who forgot the password cannot sign in first"
_OWN = "allauth asks for a signed-in person itself; it is about nobody but them"

urlpatterns = [
    path("", account.account, name="account"),
    path("invitation/", invitations.follow, name="follow_invitation"),
    path("invitation/accept/", invitations.accept, name="accept_invitation"),
    path("login/", public(reason=_SIGN_IN)(sign_in.SignInView.as_view()), name="account_login"),
    path("login/code/", second_factor.sign_in_code, name="sign_in_code"),
    path("login/enrol/", second_factor.sign_in_enrol, name="sign_in_enrol"),
    path("login/anew/", second_factor.sign_in_anew, name="sign_in_anew"),
    path("second-factor/", second_factor.second_factor, name="second_factor"),
    path("second-factor/begin/", second_factor.begin, name="second_factor_begin"),
    path("second-factor/enrol/", second_factor.enrol, name="second_factor_enrol"),
    path("second-factor/codes/", second_factor.new_codes, name="second_factor_codes"),
    path("second-factor/off/", second_factor.switch_off, name="second_factor_off"),
    path("logout/", sign_in.sign_out, name="account_logout"),
    path("inactive/", public(reason=_SIGN_IN)(allauth_views.account_inactive), name="account_inactive"),
    path("password/change/", public(reason=_OWN)(sign_in.PasswordChangeView.as_view()), name="account_change_password"),
    path("password/reset/", public(reason=_RESET)(sign_in.PasswordResetView.as_view()), name="account_reset_password"),
    path(
        "password/reset/done/",
        public(reason=_RESET)(allauth_views.password_reset_done),
        name="account_reset_password_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        public(reason=_RESET)(sign_in.PasswordFromKeyView.as_view()),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        public(reason=_RESET)(allauth_views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("sessions/", sessions.signed_in, name="account_sessions"),
    path("sessions/end/", sessions.end_all, name="account_sessions_end"),
    path("sessions/<uuid:place_id>/end/", sessions.end_one, name="account_session_end"),
    path("notifications/", telling.preferences, name="notification_preferences"),
    path("notifications/browsers/", telling.add_browser, name="add_browser"),
    path("notifications/trial/", telling.trial, name="send_trial"),
    path("notifications/<uuid:destination_id>/remove/", telling.remove, name="remove_destination"),
    path("practice/", sign_in.choose_practice, name="choose_practice"),
]

"""The account pages that allauth does not have, and the one where it leaves something behind."""

from typing import Any
from uuid import UUID

from allauth.account import views as allauth_views
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from apps.authentication import sessions
from apps.authentication.adapter import actor_behind
from apps.authentication.forms.sign_in import ForgottenPasswordForm, OwnPasswordForm, SignInForm, status_of
from apps.authentication.selectors import actor_of, membership_for
from apps.authentication.services import record_account_event
from apps.authentication.services.lockout import claim_attempt, refuse_attempt, require_unlocked
from apps.authentication.types.attempts import LockedOut
from apps.foundation.web.guards import public
from apps.foundation.web.pages import render_page


class SignInView(allauth_views.LoginView):  # type: ignore[misc]
    """E-mail and password. What is owed beside them, the adapter's stage asks for."""

    form_class = SignInForm

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        """The page again, without what was typed into the password."""
        response: HttpResponse = self.render_to_response(self.get_context_data(form=form), status=status_of(form))
        return response


class PasswordChangeView(allauth_views.PasswordChangeView):  # type: ignore[misc]
    """The present password, and a new one."""

    form_class = OwnPasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """With the person as actor, for the counters and the trail."""
        return {**super().get_form_kwargs(), "by": actor_behind(self.request, self.request.user)}

    def form_invalid(self, form: OwnPasswordForm) -> HttpResponse:
        """The page again."""
        response: HttpResponse = self.render_to_response(self.get_context_data(form=form), status=status_of(form))
        return response


class PasswordResetView(allauth_views.PasswordResetView):  # type: ignore[misc]
    """Asks for the mail with the link."""

    form_class = ForgottenPasswordForm

    def form_invalid(self, form: Any) -> HttpResponse:
        """The page again."""
        response: HttpResponse = self.render_to_response(self.get_context_data(form=form), status=422)
        return response


class PasswordFromKeyView(allauth_views.PasswordResetFromKeyView):  # type: ignore[misc]
    """A new password for who followed the link in the mail. Links that do not work count against the address."""

    def dispatch(self, request: HttpRequest, uidb36: str, key: str, **kwargs: Any) -> HttpResponseBase:
        """The link is looked at unless the address tried too many."""
        by = actor_behind(request, None)
        try:
            require_unlocked(name="", ip=by.ip)
            response: HttpResponseBase = super().dispatch(request, uidb36, key, **kwargs)
            if getattr(self, "reset_user", request) is None:
                refuse_attempt(claim_attempt(name="", ip=by.ip), action="auth.reset_refused", user_id=None, by=by)
        except LockedOut as lock:
            return render_page(request, "account/locked.html", {"minutes": lock.minutes}, status=429)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        """The page again."""
        response: HttpResponse = self.render_to_response(self.get_context_data(form=form), status=422)
        return response


@public(reason="signing out needs no permission")
def sign_out(request: HttpRequest) -> HttpResponse:
    """allauth's sign-out; the browser also forgets what it kept of the pages (security.md part 2, row 10)."""
    response: HttpResponse = allauth_views.logout(request)
    if request.method == "POST":
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@require_POST
@public(reason="someone whose first practice was closed has no permission there, yet may choose another of theirs")
def choose_practice(request: HttpRequest) -> HttpResponse:
    """The session works in the posted practice from now on; 404 unless the person is a member there."""
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    try:
        practice_id = UUID(request.POST.get("practice", ""))
    except ValueError:
        raise Http404 from None
    membership = membership_for(request.user.pk, practice_id)
    if membership is None:
        raise Http404
    left = actor_behind(request, request.user)
    entered = actor_of(membership, ip=left.ip, request_id=left.request_id)
    sessions.choose_practice(request.session, practice_id)
    for by in {left.practice_id: left, practice_id: entered}.values():
        record_account_event("auth.practice_chosen", user_id=request.user.pk, by=by, practice=practice_id)
    return redirect(settings.LOGIN_REDIRECT_URL)

"""What allauth asks us: nobody signs up, and every sign-in, refusal and new password leaves an audit row."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django import forms
from django.contrib.sites.shortcuts import get_current_site
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from apps.authentication import services, sessions
from apps.authentication.models import User
from apps.authentication.selectors.sealed_sign_in import language_of
from apps.authentication.selectors.second_factor import next_step_of
from apps.authentication.services.mail import send_later
from apps.authentication.services.sign_in import authenticate_step
from apps.authentication.stages import has_proved
from apps.authentication.types import EndReason
from apps.authentication.types.attempts import LockedOut, NextStep, WrongCredentials
from apps.foundation.tenancy.types import Actor


class AccountAdapter(DefaultAccountAdapter):
    """allauth's questions, answered. Its own flash messages are not shown: the page says enough."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by administrators."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: allauth's messages would name the person on a shared screen."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """allauth's mail, which its page does not wait for. A patient's is in the language that they chose."""
        whole = {"request": self.request, "email": email, "current_site": get_current_site(self.request), **context}
        user: User | None = context.get("user")
        with translation.override((user and language_of(user.pk)) or translation.get_language()):
            send_later(self.render_mail(template_prefix, email, whole))

    def is_ajax(self, request: HttpRequest) -> bool:
        """Never: these pages are HTML, and programs have an API of their own."""
        return False

    def get_login_stages(self) -> list[str]:
        """What stands between the right password and being in."""
        return ["apps.authentication.stages.SecondFactorStage"]

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The person behind e-mail and password, who may still owe a second factor; None where either is wrong.

        Raises ValidationError with the code "locked" where too many attempts failed.
        """
        email, password = str(credentials.get("email") or ""), str(credentials.get("password") or "")
        try:
            step = authenticate_step(email=email, password=password, by=actor_behind(request, None))
        except LockedOut as lock:
            raise locked_error(lock) from None
        except WrongCredentials:
            return None
        return User.objects.get(id=step.user_id)

    def login(self, request: HttpRequest, user: User) -> None:
        """The session is this person's, its clocks start, and the audit says so.

        Whatever led here: nobody who owes a second factor gets further without having proved it.
        """
        if next_step_of(user.id) is not NextStep.NOTHING and not has_proved(request, user):
            raise PermissionDenied
        super().login(request, user)
        sessions.start(request.session, timezone.now())
        services.open_session(
            request_session_key_hash=sessions.key_hash(request.session),
            user_id=user.id,
            ip=sessions.address_of(request),
            browser=request.headers.get("User-Agent", ""),
            by=actor_behind(request, user),
        )
        services.record_account_event("auth.login", user_id=user.id, by=actor_behind(request, user))

    def logout(self, request: HttpRequest) -> None:
        """The session is gone, and the audit says whose it was."""
        user = request.user
        if user.is_authenticated:
            services.record_account_event("auth.logout", user_id=user.pk, by=actor_behind(request, user))
            services.end_session(key_hash=sessions.key_hash(request.session), reason=EndReason.SIGNED_OUT)
        super().logout(request)

    def set_password(self, user: User, password: str) -> None:
        """The password is changed and the change recorded."""
        services.record_password(user=user, password=password, by=actor_behind(self.request, user))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """After a change of password every session is over: the sign-in page, which says that it was changed."""
        return reverse("account_login") + "?changed=1"

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponseBase:
        """A switched-off account is refused and the refusal recorded."""
        services.record_account_event("auth.login_failed", user_id=user.id, by=actor_behind(request, None))
        return super().respond_user_inactive(request, user)


def locked_error(lock: LockedOut) -> forms.ValidationError:
    """What a form says while nothing is checked: the same for every name, known or not."""
    text = ngettext(
        "Too many attempts. Try again in %(minutes)s minute.",
        "Too many attempts. Try again in %(minutes)s minutes.",
        lock.minutes,
    )
    return forms.ValidationError(text, code="locked", params={"minutes": lock.minutes})


def actor_behind(request: HttpRequest | None, user: User | None) -> Actor:
    """The person of the request, before a membership is known; without a person, the sign-in page itself."""
    known: Actor | None = getattr(request, "actor", None)
    if known is not None and user is not None and known.user_id == user.pk:
        return known
    ip = sessions.address_of(request) if request is not None else ""
    request_id = getattr(request, "request_id", "")
    if user is None:
        return Actor(None, None, "anonymous", ip=ip, request_id=request_id)
    return Actor(user.pk, None, "user", ip=ip, request_id=request_id)

"""What allauth asks us: nobody signs up, and every sign-in, refusal and new password leaves an audit row."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from apps.authentication import services, sessions
from apps.authentication.models import User
from apps.authentication.selectors import find_user_id
from apps.foundation.tenancy.types import Actor


class AccountAdapter(DefaultAccountAdapter):
    """allauth's questions, answered. Its own flash messages are not shown: the page says enough."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by administrators."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: allauth's messages would name the person on a shared screen."""

    def login(self, request: HttpRequest, user: User) -> None:
        """The session is this person's, its clocks start, and the audit says so."""
        super().login(request, user)
        sessions.start(request.session, timezone.now())
        services.record_account_event("auth.login", user_id=user.id, by=actor_behind(request, user))

    def logout(self, request: HttpRequest) -> None:
        """The session is gone, and the audit says whose it was."""
        user = request.user
        if user.is_authenticated:
            services.record_account_event("auth.logout", user_id=user.pk, by=actor_behind(request, user))
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A refusal is recorded against the account if there is one; what was typed is recorded nowhere."""
        super().authentication_failed(request, **credentials)
        typed = str(credentials.get("email") or credentials.get("username") or "")
        services.record_account_event("auth.login_failed", user_id=find_user_id(typed), by=actor_behind(request, None))

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

"""Between the right password and being in: allauth keeps the person anonymous until this stage lets them on."""

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.stages import LoginStage
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from apps.authentication.models import User
from apps.authentication.selectors.second_factor import next_step_of
from apps.authentication.types.attempts import NextStep

STAGE = "second_factor"
_PROVED = "proved"
_PASSWORD = "password_was"  # noqa: S105
_PAGES = {NextStep.CODE: "sign_in_code", NextStep.ENROL: "sign_in_enrol"}


class SecondFactorStage(LoginStage):  # type: ignore[misc]
    """Asks for the code of whoever has a second factor, and makes whoever owes one set it up first."""

    key = STAGE

    @property
    def urlname(self) -> str:
        """The page on which the person goes on."""
        return _PAGES.get(next_step_of(self.login.user.pk), "account_login")

    def handle(self) -> tuple[Any, bool]:
        """Lets on who owes nothing or has proved it; all others go to the page that asks."""
        if self.state.get(_PROVED) or next_step_of(self.login.user.pk) is NextStep.NOTHING:
            return None, True
        self.state[_PASSWORD] = self.login.user.get_session_auth_hash()
        self.request.session.cycle_key()
        return HttpResponseRedirect(reverse(self.urlname)), True

    @property
    def still_holds(self) -> bool:
        """Whether the account is still on and has the password with which this sign-in began."""
        user: User = self.login.user
        return user.is_active and self.state.get(_PASSWORD) == user.get_session_auth_hash()

    def prove(self) -> Any:
        """The code was right: the person is in, and the answer leads to where they wanted to go."""
        self.state[_PROVED] = True
        record_authentication(self.request, self.login.user, method=STAGE)
        return self.exit()


def has_proved(request: HttpRequest, user: User) -> bool:
    """Whether the person proved a second factor in this very sign-in."""
    return any(record.get("method") == STAGE for record in get_authentication_records(request, user))

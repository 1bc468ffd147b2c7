"""An authenticator app, a clock and the ways in, for tests."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from apps.authentication.models import SignInPolicy
from apps.authentication.rules.second_factor import code_at, secret_bytes, step_at
from apps.authentication.services import second_factor
from apps.authentication.types import Role
from apps.foundation.tenancy.types import Actor
from tests.cast import PASSWORD, CastPractice

LOGIN = "/account/login/"
CODE = "/account/login/code/"
API_LOGIN = "/api/v1/auth/login/"
API_VERIFY = "/api/v1/auth/login/verify/"
API_REFRESH = "/api/v1/auth/token/refresh/"
API_LOGOUT = "/api/v1/auth/logout/"
WRONG = "Wrong-Password-123"
BY = Actor(None, None, "anonymous", ip="127.0.0.1")


@dataclass
class Clock:
    """`timezone.now` of the product, which stands still until it is moved."""

    now: datetime = field(default_factory=timezone.now)

    def move(self, **by: float) -> None:
        """Time passes."""
        self.now += timedelta(**by)


def stop_the_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """From here on time passes only by hand."""
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@dataclass
class App:
    """Somebody's phone."""

    user_id: UUID
    secret: str
    codes: tuple[str, ...]

    def code(self, steps: int = 0) -> str:
        """What it shows now, or so many steps later."""
        return code_at(secret_bytes(self.secret), step_at(timezone.now().timestamp()) + steps)

    def wrong_code(self) -> str:
        """Six digits that it shows neither now nor shortly before or after."""
        near = {self.code(steps) for steps in range(-3, 4)}
        return next(text for number in range(10) if (text := str(number) * 6) not in near)


def enrol(user_id: UUID) -> App:
    """The person has a second factor, confirmed by the last step's code, so that the present one is free."""
    began = second_factor.begin_enrolment(user_id=user_id)
    app = App(user_id, began.secret, ())
    app.codes = second_factor.confirm_enrolment(user_id=user_id, enrolment_id=began.id, code=app.code(-1), by=BY)
    return app


def ask_second_factor(practice: CastPractice, *roles: Role) -> None:
    """The practice asks these roles for one."""
    SignInPolicy.objects.update_or_create(
        practice_id=practice.id, defaults={"second_factor_roles": [role.value for role in roles]}
    )


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: str):
    """By the browser's form."""
    return client.post(LOGIN, {"login": email, "password": password}, **extra)


def api(client: Client, path: str, **body: str):
    """By program."""
    return client.post(path, body, content_type="application/json")


def is_in(client: Client) -> bool:
    """Whether the browser's session is somebody's."""
    return "_auth_user_id" in client.session

"""Whatever is tried in whatever order: nobody is in while locked, and nobody with a second factor without a code.

Hypothesis plays everybody at once: the person, who knows password and phone; somebody who knows the password alone;
somebody who knows nothing. They use the browser and the API in turns, keep half-finished sign-ins and old codes, and
time passes. An oracle that counts on its fingers says after each act who may be in.
"""

from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from django.core import mail
from django.test import Client, override_settings
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from apps.authentication.models import SignInCounter
from apps.authentication.services import register_user
from apps.authentication.services.lockout import clear_lockout
from apps.authentication.types import Role
from apps.foundation.tenancy.services import register_practice, scope
from apps.foundation.tenancy.types import Actor
from tests.views.authentication.authenticator import (
    API_LOGIN,
    API_REFRESH,
    API_VERIFY,
    CODE,
    WRONG,
    App,
    Clock,
    api,
    enrol,
    is_in,
    sign_in,
    stop_the_clock,
)

START = timezone.now()
# A cache in the database would mix the stopped clock with the real one.
IN_MEMORY = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "every-way-in"}}
FIRST = "Correct-horse-7-battery"
CODES = st.sampled_from(["now", "now", "used", "old", "wrong", "recovery", "used recovery"])
_numbers = count(1)


class EveryWayIn(RuleBasedStateMachine):
    """One account, two ways in, and an oracle."""

    clock: Clock

    @initialize(has_second_factor=st.booleans())
    def begin(self, has_second_factor: bool) -> None:
        """A new practice with one person."""
        self.clock.now = START
        SignInCounter.objects.all().delete()
        number = next(_numbers)
        self.by = Actor.system("test", register_practice(name=f"Practice {number}", time_zone="UTC"))
        assert self.by.practice_id
        self.email = f"person{number}@x.example"
        self.password = FIRST
        self.user_id: UUID = register_user(
            email=self.email,
            full_name="A Person",
            password=FIRST,
            practice_id=self.by.practice_id,
            role=Role.NURSE,
            by=self.by,
        )
        self.app: App | None = enrol(self.user_id) if has_second_factor else None
        self.recovery = list(self.app.codes) if self.app else []
        self.used_recovery: list[str] = []
        self.used_codes: list[str] = []
        self.last_step = self._step() - 1
        self.failures, self.first_failed_at = 0, self.clock.now
        self.locked_until: datetime | None = None
        self.challenges: list[tuple[str, datetime, bool]] = []
        self.half_in: list[tuple[Client, str]] = []
        self.refreshes: list[str] = []

    # The oracle

    def _step(self) -> int:
        return int(self.clock.now.timestamp()) // 30

    def _locked(self) -> bool:
        return self.locked_until is not None and self.clock.now < self.locked_until

    def _fail(self) -> None:
        served = self.locked_until is not None and not self._locked()
        if served or self.failures == 0 or self.clock.now - self.first_failed_at >= timedelta(hours=24):
            self.failures, self.first_failed_at, self.locked_until = 0, self.clock.now, None
        self.failures += 1
        if self.failures >= 5:
            self.locked_until = self.clock.now + timedelta(minutes=30)

    def _succeed(self) -> None:
        self.failures, self.locked_until = 0, None

    def _pick(self, kind: str) -> tuple[str, bool]:
        """A code of this kind, and whether it should let in."""
        assert self.app
        if kind == "now":
            return self.app.code(), self._step() > self.last_step
        if kind == "used" and self.used_codes:
            return self.used_codes[-1], False
        if kind == "old":
            return self.app.code(-2), False
        if kind == "recovery" and self.recovery:
            return self.recovery[-1], True
        if kind == "used recovery" and self.used_recovery:
            return self.used_recovery[-1], False
        return self.app.wrong_code(), False

    def _used(self, code: str) -> None:
        if code in self.recovery:
            self.recovery.remove(code)
            self.used_recovery.append(code)
        else:
            self.used_codes.append(code)
            self.last_step = self._step()

    def _outcome(self, right: bool, completes: bool) -> str:
        """What the oracle expects of an attempt, with the counters moved on."""
        if self._locked():
            return "locked"
        if not right:
            self._fail()
            return "refused"
        if completes:
            self._succeed()
        return "in"

    # The acts

    @rule(knows=st.booleans(), written=st.sampled_from([str, str.upper, " {} ".format]))
    def browser(self, knows: bool, written) -> None:
        """E-mail and password in the form."""
        client = Client()
        password = self.password if knows else WRONG
        answer = sign_in(client, written(self.email), password)
        expected = self._outcome(knows, completes=self.app is None)
        assert answer.status_code == {"locked": 429, "refused": 422, "in": 302}[expected]
        assert is_in(client) is (expected == "in" and self.app is None)
        if expected == "in" and self.app:
            assert answer["Location"] == CODE
            self.half_in.append((client, self.password))

    @precondition(lambda self: self.half_in)
    @rule(kind=CODES)
    def browser_code(self, kind: str) -> None:
        """A code, by whoever got so far."""
        client, password = self.half_in.pop()
        if password != self.password:
            client.post(CODE, {"code": self.app.code() if self.app else ""})
            assert not is_in(client)
            return
        code, right = self._pick(kind)
        answer = client.post(CODE, {"code": code})
        expected = self._outcome(right, completes=True)
        assert answer.status_code == {"locked": 429, "refused": 422, "in": 302}[expected]
        assert is_in(client) is (expected == "in")
        if expected == "in":
            self._used(code)
        else:
            self.half_in.append((client, password))

    @rule(knows=st.booleans())
    def program(self, knows: bool) -> None:
        """E-mail and password by the API."""
        answer = api(Client(), API_LOGIN, email=self.email, password=self.password if knows else WRONG)
        expected = self._outcome(knows, completes=self.app is None)
        assert answer.status_code == {"locked": 429, "refused": 401, "in": 200}[expected]
        body = answer.json()
        assert ("access" in body) is (expected == "in" and self.app is None)
        if "refresh" in body:
            self.refreshes.append(body["refresh"])
        if "challenge" in body:
            self.challenges.append((body["challenge"], self.clock.now + timedelta(minutes=5), True))

    @precondition(lambda self: self.challenges)
    @rule(kind=CODES, which=st.integers(min_value=0, max_value=3))
    def program_code(self, kind: str, which: int) -> None:
        """A code for one of the challenges, which may be over."""
        place = which % len(self.challenges)
        challenge, until, fresh = self.challenges[place]
        code, right = self._pick(kind)
        answer = api(Client(), API_VERIFY, challenge=challenge, code=code)
        if not fresh or self.clock.now >= until:
            assert answer.status_code in {401, 429}
            return
        expected = self._outcome(right, completes=True)
        assert answer.status_code == {"locked": 429, "refused": 401, "in": 200}[expected]
        if expected == "in":
            self._used(code)
            self.challenges[place] = (challenge, until, False)
            self.refreshes.append(answer.json()["refresh"])

    @precondition(lambda self: self.refreshes)
    @rule()
    def refresh(self) -> None:
        """The newest refresh token, which idles out by itself."""
        answer = api(Client(), API_REFRESH, refresh=self.refreshes.pop())
        assert answer.status_code in ({429} if self._locked() else {200, 401})
        if answer.status_code == 200:
            self.refreshes.append(answer.json()["refresh"])

    @rule()
    def reset_password(self) -> None:
        """By the link in the mail: a new password, nobody in, no lock ended, nothing half-finished goes on."""
        client = Client()
        mail.outbox.clear()
        client.post("/account/password/reset/", {"email": self.email})
        link = next(word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word)
        where = client.get(link.split("testserver", 1)[1])["Location"]
        self.password = f"Brand-New-Secret-{next(_numbers) + 100}"
        new = {"password1": self.password, "password2": self.password}
        assert client.post(where, new).status_code == 302
        assert not is_in(client)
        self.challenges = [(secret, until, False) for secret, until, _fresh in self.challenges]
        for refresh in self.refreshes:
            assert api(Client(), API_REFRESH, refresh=refresh).status_code in {401, 429}
        self.refreshes.clear()

    @precondition(lambda self: self._locked())
    @rule()
    def unlock(self) -> None:
        """By an administrator."""
        assert self.by.practice_id
        with scope(self.by.practice_id):
            clear_lockout(self.email, by=self.by)
        self._succeed()

    @rule(seconds=st.sampled_from([30, 60, 299, 1799, 1800, 86_400]))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.clock.move(seconds=seconds)

    @rule()
    def address_is_forgiven(self) -> None:
        """The oracle watches one account; what counts against the address alone is another test's."""
        SignInCounter.objects.filter(kind="address").delete()


@pytest.mark.django_db
@override_settings(ACCOUNT_RATE_LIMITS=False, RATE_LIMIT_PER_MINUTE=1_000_000, CACHES=IN_MEMORY)
def test_no_way_in_but_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    EveryWayIn.clock = stop_the_clock(monkeypatch)
    run_state_machine_as_test(
        EveryWayIn,
        settings=settings(
            max_examples=10,
            stateful_step_count=25,
            phases=[Phase.generate],
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )

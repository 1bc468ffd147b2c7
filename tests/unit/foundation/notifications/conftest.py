"""The stand-ins of the push services, as a process of their own, and a practice whose people they reach."""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from apps.foundation.audit import services as audit
from apps.foundation.notifications import services
from apps.foundation.notifications.channels.vapid import public_key
from apps.foundation.notifications.models import NotificationDelivery
from apps.foundation.notifications.types import Channel
from tests.cast import Cast, CastPractice
from tests.ports import free_port


class StandIns:
    """What a test asks of the process."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.keys = self.ask("keys")

    def ask(self, what: str, **given: Any) -> Any:
        """The answer of /control/."""
        return httpx.post(f"{self.base}/control/{what}", json=given, timeout=5, trust_env=False).json()

    def answers(self, service: str, *answers: dict[str, Any]) -> None:
        """The next requests get these instead of what is right."""
        self.ask("next", service=service, answers=list(answers))

    def kill(self, token: str, status: int, code: str, **more: Any) -> None:
        """The token is dead from now on."""
        self.ask("fate", token=token, status=status, code=code, **more)

    @property
    def received(self) -> list[dict[str, Any]]:
        """Every push that arrived, taken or not."""
        return self.ask("received")["received"]

    @property
    def taken(self) -> list[dict[str, Any]]:
        """Every push that was right in all its parts."""
        return [one for one in self.received if one.get("taken")]


@pytest.fixture(scope="session")
def stand_ins() -> Iterator[StandIns]:
    """The process, for the session."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "apps.sandbox.push", "--port", str(port)])
    try:
        yield _reached(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(60)


def _reached(base: str, process: "subprocess.Popen[bytes]") -> StandIns:
    for _ in range(1200):
        assert process.poll() is None, "the stand-ins ended"
        try:
            return StandIns(base)
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the stand-ins did not answer")


@dataclass
class Told:
    """A practice whose people have phones and browsers."""

    practice: CastPractice
    push: StandIns

    def register(self, channel: Channel, role: str = "nurse", token: str = "") -> str:
        """The person's phone, by the token it got."""
        token = token or (uuid4().hex * 2 if channel is Channel.APNS else f"fcm:{uuid4().hex}")
        with self.practice.scope():
            by = self.practice.actor(role)
            services.register_app(channel=channel, token=token, label="Phone", by=by, now=timezone.now())
        return token

    def browser(self, role: str = "nurse") -> str:
        """The person's browser, by the name of its subscription."""
        subscription = self.push.ask("browser")
        with self.practice.scope():
            by = self.practice.actor(role)
            services.register_browser(subscription=subscription, vapid=public_key(), by=by, now=timezone.now())
        return subscription["endpoint"].rpartition("/")[2]

    def tell(self, kind: str = "critical_alert", role: str | None = "nurse", urgency: str = "high") -> UUID:
        """Something is queued, as a service does; the reference that nobody outside may see."""
        reference = uuid4()
        with self.practice.scope(), audit.batch("test", by=self.practice.system):
            named = self.practice.people[role] if role else None
            services.queue_notification(kind=kind, reference=reference, recipient_id=named, urgency=urgency)
        return reference

    def rows(self, *channels: Channel, role: str = "nurse") -> list[NotificationDelivery]:
        """The person's deliveries by these ways, oldest first."""
        with self.practice.scope():
            rows = NotificationDelivery.objects.filter(person_id=self.practice.people[role])
            return list(rows.filter(channel__in=channels or list(Channel)).order_by("created_at", "id"))

    def states(self, *channels: Channel, role: str = "nurse") -> list[tuple[str, str, str]]:
        """Channel, state and outcome of them."""
        return [(row.channel, row.state, row.outcome) for row in self.rows(*channels, role=role)]


@pytest.fixture
def told(cast: Cast, stand_ins: StandIns, settings_of_push: None) -> Told:
    """The practice of Highland and the stand-ins, with nothing sent yet."""
    stand_ins.ask("reset")
    cache.clear()
    return Told(cast.highland, stand_ins)


@pytest.fixture
def settings_of_push(stand_ins: StandIns, monkeypatch: pytest.MonkeyPatch) -> None:
    """The installation knows the stand-ins and the keys that they gave out."""
    apns = stand_ins.keys["apns"]
    chosen = {
        "SITE_URL": "https://rpm.example.org",
        "MAIL": True,
        "FCM_URL": stand_ins.base,
        "FCM_ACCOUNT": stand_ins.keys["fcm"],
        "APNS_URL": stand_ins.base,
        "APNS_SANDBOX_URL": stand_ins.base,
        "APNS_KEY": apns["key"],
        "APNS_KEY_ID": apns["key_id"],
        "APNS_TEAM_ID": apns["team_id"],
        "APNS_TOPIC": apns["topic"],
        "WEB_PUSH_HOSTS": ["127.0.0.1"],
    }
    monkeypatch.setattr(settings, "PUSH", settings.PUSH | chosen)

"""The cast of characters: two practices, one person of every role in each, and a stranger without a practice."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from django.test import Client

from apps.authentication.models import User
from apps.authentication.selectors import actor_for
from apps.authentication.services import register_user
from apps.authentication.types import Role
from apps.foundation.tenancy.services import register_practice, scope
from apps.foundation.tenancy.types import Actor

PASSWORD = "Correct-horse-7-battery"


@dataclass
class CastPractice:
    """One practice with its people, by role; "biller" is an MA who also bills."""

    id: UUID
    name: str
    domain: str
    people: dict[str, UUID] = field(default_factory=dict)

    @property
    def system(self) -> Actor:
        """The product acting in this practice."""
        return Actor.system("test", self.id)

    def actor(self, role: str) -> Actor:
        """The person of this role as an actor of the practice."""
        found = actor_for(self.people[role], self.id)
        assert found is not None
        return found

    def email(self, role: str) -> str:
        """The sign-in address of the person of this role."""
        return f"{role}@{self.domain}"

    def client(self, role: str) -> Client:
        """A browser in which the person of this role is signed in."""
        client = Client()
        client.force_login(User.objects.get(id=self.people[role]))
        return client

    @contextmanager
    def scope(self) -> Iterator[None]:
        """The practice's scope."""
        with scope(self.id):
            yield


@dataclass
class Cast:
    """Everybody: two practices that must never see each other, and somebody who belongs to neither."""

    highland: CastPractice
    lakeside: CastPractice
    stranger: User


def invite(practice: CastPractice) -> CastPractice:
    """The practice has one person of every role."""
    for role in Role:
        practice.people[role.value] = _person(practice, role.value, role)
    practice.people["biller"] = _person(practice, "biller", Role.MA, is_biller=True)
    return practice


def _person(practice: CastPractice, name: str, role: Role, *, is_biller: bool = False) -> UUID:
    return register_user(
        email=f"{name}@{practice.domain}",
        full_name=f"{name.replace('_', ' ').title()} of {practice.name}",
        password=PASSWORD,
        practice_id=practice.id,
        role=role,
        is_biller=is_biller,
        by=practice.system,
    )


def open_practice(name: str, domain: str, time_zone: str) -> CastPractice:
    """A new practice without people."""
    return CastPractice(register_practice(name=name, time_zone=time_zone), name, domain)


def assemble() -> Cast:
    """The whole cast."""
    highland = invite(open_practice("Highland Primary Care", "highland.example", "America/Chicago"))
    lakeside = invite(open_practice("Lakeside Family Medicine", "lakeside.example", "America/Denver"))
    stranger = User.objects.create_user(email="stranger@nowhere.example", full_name="A Stranger", password=PASSWORD)
    return Cast(highland, lakeside, stranger)

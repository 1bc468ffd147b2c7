"""Two practices with keys, and people who act in them."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest

from apps.authentication.rules import permissions_of
from apps.authentication.types import Role
from apps.core.patients import services
from apps.foundation.tenancy.services import register_practice, scope
from apps.foundation.tenancy.types import Actor


@pytest.fixture
def practice(db: None) -> UUID:
    return register_practice(name="Harbor", time_zone="America/New_York")


@pytest.fixture
def stranger(db: None) -> UUID:
    return register_practice(name="Elsewhere", time_zone="America/Chicago")


@pytest.fixture
def in_practice(practice: UUID) -> Iterator[UUID]:
    with scope(practice):
        yield practice


@pytest.fixture
def nurse(practice: UUID) -> Actor:
    return Actor(None, practice, "nurse", permissions_of(Role.NURSE))


@pytest.fixture
def system() -> Actor:
    return Actor.system("test")


@pytest.fixture
def jane(in_practice: UUID, system: Actor) -> UUID:
    return services.register_patient(
        first_name="Jane",
        last_name="Doe-Smith",
        date_of_birth=date(1950, 2, 28),
        gender="female",
        phone="+1 (555) 010-1234",
        email="jane@example.org",
        conditions=["copd", "hypertension"],
        oxygen_target_low=True,
        by=system,
    )

"""A practice in scope, a moment, and patients of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.cast import CastPractice, open_practice
from tests.factories.patients import enrol_patient

NOW = datetime(2026, 3, 12, 15, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """A Thursday morning in Chicago."""
    return NOW


@pytest.fixture
def highland(db: None) -> Iterator[CastPractice]:
    """The practice, in scope."""
    practice = open_practice("Highland Primary Care", "highland.example", "America/Chicago")
    with practice.scope():
        yield practice


@pytest.fixture
def patient(highland: CastPractice) -> UUID:
    """One patient of the practice."""
    return enrol_patient(highland)

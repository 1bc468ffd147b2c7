"""A practice in scope, a moment, and patients of it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from apps.core.triage.models import TriageState
from tests.cast import CastPractice, open_practice
from tests.factories.patients import enrol_patient

NOW = datetime(2026, 3, 12, 15, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """A Thursday morning in Chicago."""
    return NOW


@pytest.fixture
def highland(db: None) -> Iterator[CastPractice]:
    """The practice, in scope, its clock the reader's as in a request."""
    practice = open_practice("Highland Primary Care", "highland.example", "America/Chicago")
    with practice.scope(), timezone.override(ZoneInfo("America/Chicago")):
        yield practice


@pytest.fixture
def patient(highland: CastPractice) -> UUID:
    """One patient of the practice."""
    return enrol_patient(highland)


@pytest.fixture
def board() -> Callable[[UUID], dict[str, object]]:
    """What the board's summary of a patient says."""
    return lambda patient_id: TriageState.objects.get(id=patient_id).board

"""Reading what the practice in scope chose."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.db import connection

from apps.foundation.tenancy.services import current_practice_id
from apps.settings.models import PracticePreference
from apps.settings.types import MrnPattern, PracticePreferences, SearchMode

_CHOICES = f"SELECT search_mode, uses_panels FROM {PracticePreference._meta.db_table} WHERE practice_id = %s"  # noqa: S608
_remembered: ContextVar[dict[UUID, tuple[SearchMode, bool]] | None] = ContextVar("choices", default=None)


def get_preferences() -> PracticePreferences:
    """The choices of the practice in scope; the defaults where it made none."""
    row = PracticePreference.objects.first()
    if row is None:
        return PracticePreferences()
    return PracticePreferences(
        mrn_pattern=MrnPattern(row.mrn_pattern),
        service_starts=row.service_starts,
        service_ends=row.service_ends,
        service_days=tuple(row.service_days),
        search_mode=SearchMode(row.search_mode),
        only_administrators_reactivate=row.only_administrators_reactivate,
        retention_years=row.retention_years,
        retention_years_by_state=dict(row.retention_years_by_state),
        uses_panels=row.uses_panels,
        holds_back_warnings=row.holds_back_warnings,
        critical_clock_minutes=row.critical_clock_minutes,
        warning_clock_minutes=row.warning_clock_minutes,
        critical_clock_always=row.critical_clock_always,
        escalation_ladder=tuple(row.escalation_ladder),
    )


def get_search_mode() -> SearchMode:
    """What the search index of the practice in scope holds. As get_preferences; in plain SQL, for every search asks."""
    return _choices()[0]


def uses_panels() -> bool:
    """Whether the practice in scope limits people to their own panels."""
    return _choices()[1]


@contextmanager
def remembering_choice() -> Iterator[None]:
    """Within one request what `uses_panels` and `get_search_mode` answered stands, and nothing is asked twice."""
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)


def forget_choice() -> None:
    """What was remembered of the practice in scope is asked anew: it was changed."""
    held = _remembered.get()
    if held is not None:
        held.pop(current_practice_id(), None)


def _choices() -> tuple[SearchMode, bool]:
    practice_id = current_practice_id()
    held = _remembered.get()
    if held is not None and practice_id in held:
        return held[practice_id]
    practice = PracticePreference._meta.get_field("practice").get_db_prep_value(practice_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(_CHOICES, [practice])
        row = cursor.fetchone()
    defaults = PracticePreferences()
    chosen = (SearchMode(row[0]), bool(row[1])) if row else (defaults.search_mode, defaults.uses_panels)
    if held is not None:
        held[practice_id] = chosen
    return chosen

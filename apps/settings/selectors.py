"""Reading what the practice in scope chose."""

from django.db import connection

from apps.foundation.tenancy.services import current_practice_id
from apps.settings.models import PracticePreference
from apps.settings.types import MrnPattern, PracticePreferences, SearchMode

_SEARCH_MODE = f"SELECT search_mode FROM {PracticePreference._meta.db_table} WHERE practice_id = %s"  # noqa: S608


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
    )


def get_search_mode() -> SearchMode:
    """What the search index of the practice in scope holds. As get_preferences; in plain SQL, for every search asks."""
    practice = PracticePreference._meta.get_field("practice").get_db_prep_value(current_practice_id(), connection)
    with connection.cursor() as cursor:
        cursor.execute(_SEARCH_MODE, [practice])
        chosen = cursor.fetchone()
    return SearchMode(chosen[0]) if chosen else PracticePreferences().search_mode

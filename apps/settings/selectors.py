"""Reading what the practice in scope chose."""

from apps.settings.models import PracticePreference
from apps.settings.types import MrnPattern, PracticePreferences


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
    )

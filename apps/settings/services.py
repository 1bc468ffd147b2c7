"""Changing what the practice in scope chose."""

from apps.authentication.types import Permission
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor
from apps.settings.models import PracticePreference
from apps.settings.types import MIN_RETENTION_YEARS, PracticePreferences


def change_preferences(*, preferences: PracticePreferences, by: Actor) -> None:
    """The practice in scope holds exactly these preferences; what changes nothing leaves no row of the log.

    Raises ValueError when service ends before it starts, or for a retention below six years.
    """
    by.require(Permission.PRACTICE_CONFIGURE)
    if preferences.service_ends <= preferences.service_starts:
        raise ValueError("service hours end before they start")
    if min([preferences.retention_years, *preferences.retention_years_by_state.values()]) < MIN_RETENTION_YEARS:
        raise ValueError("records are kept for six years at least")
    with audit.change("practice.preferences_change", subject=("practice", current_practice_id()), by=by) as log:
        row = PracticePreference.objects.select_for_update().first() or PracticePreference()
        row.mrn_pattern = preferences.mrn_pattern
        row.service_starts = preferences.service_starts
        row.service_ends = preferences.service_ends
        row.service_days = sorted(set(preferences.service_days))
        row.search_mode = preferences.search_mode
        row.only_administrators_reactivate = preferences.only_administrators_reactivate
        row.retention_years = preferences.retention_years
        row.retention_years_by_state = dict(preferences.retention_years_by_state)
        if row.has_changes():
            row.save()
        else:
            log.cancel()

"""Changing what the practice in scope chose."""

from apps.authentication.types import Permission
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor
from apps.settings.models import PracticePreference
from apps.settings.types import PracticePreferences


def change_preferences(*, preferences: PracticePreferences, by: Actor) -> None:
    """The practice in scope holds exactly these preferences. Raises ValueError when service ends before it starts."""
    by.require(Permission.PRACTICE_CONFIGURE)
    if preferences.service_ends <= preferences.service_starts:
        raise ValueError("service hours end before they start")
    with audit.change("practice.preferences_change", subject=("practice", current_practice_id()), by=by):
        row = PracticePreference.objects.select_for_update().first() or PracticePreference()
        row.mrn_pattern = preferences.mrn_pattern
        row.service_starts = preferences.service_starts
        row.service_ends = preferences.service_ends
        row.service_days = sorted(set(preferences.service_days))
        row.save()

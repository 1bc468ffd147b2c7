"""Changing what the practice in scope chose."""

from uuid import UUID

from apps.authentication.selectors import is_member
from apps.authentication.types import Permission
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor
from apps.settings.models import PracticePreference
from apps.settings.rules import check_watch
from apps.settings.selectors import forget_choice, get_preferences
from apps.settings.types import LADDER_WORDS, MIN_RETENTION_YEARS, PracticePreferences


def change_preferences(*, preferences: PracticePreferences, by: Actor) -> None:
    """The practice in scope holds exactly these preferences; what changes nothing leaves no row of the log.

    Somebody who left keeps their step of the ladder until another is chosen for it; nobody who left is chosen anew.
    Raises ValueError when service ends before it starts, for a retention below six years, for a clock that is too short
    or too long, or for a ladder that is empty or names nobody of the practice.
    """
    by.require(Permission.PRACTICE_CONFIGURE)
    if preferences.service_ends <= preferences.service_starts:
        raise ValueError("service hours end before they start")
    if min([preferences.retention_years, *preferences.retention_years_by_state.values()]) < MIN_RETENTION_YEARS:
        raise ValueError("records are kept for six years at least")
    check_watch(preferences)
    _check_members(preferences, get_preferences())
    with audit.change("practice.preferences_change", subject=("practice", current_practice_id()), by=by) as log:
        row = PracticePreference.objects.select_for_update().first() or PracticePreference()
        row.mrn_pattern = preferences.mrn_pattern
        row.service_starts = preferences.service_starts
        row.service_ends = preferences.service_ends
        row.service_days = sorted(set(preferences.service_days))
        row.search_mode = preferences.search_mode
        row.only_administrators_reactivate = preferences.only_administrators_reactivate
        row.uses_panels = preferences.uses_panels
        row.holds_back_warnings = preferences.holds_back_warnings
        row.critical_clock_minutes = preferences.critical_clock_minutes
        row.warning_clock_minutes = preferences.warning_clock_minutes
        row.critical_clock_always = preferences.critical_clock_always
        row.escalation_ladder = list(preferences.escalation_ladder)
        row.retention_years = preferences.retention_years
        row.retention_years_by_state = dict(preferences.retention_years_by_state)
        if row.has_changes():
            row.save()
            forget_choice()
        else:
            log.cancel()


def _check_members(preferences: PracticePreferences, held: PracticePreferences) -> None:
    kept = {*LADDER_WORDS, *held.escalation_ladder}
    named = [step for step in preferences.escalation_ladder if step not in kept]
    if not all(is_member(UUID(step)) for step in named):
        raise ValueError("the ladder names somebody who does not work here")

"""A practice's preferences: defaults, changes, and whose they are."""

from dataclasses import replace
from datetime import time

import pytest

from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.types import NotPermitted
from apps.settings.selectors import get_preferences
from apps.settings.services import change_preferences
from apps.settings.types import MrnPattern, PracticePreferences
from tests.cast import Cast


def test_defaults_hold_until_something_is_chosen(cast: Cast) -> None:
    with cast.highland.scope():
        assert get_preferences() == PracticePreferences(MrnPattern.SERIAL, time(8), time(18), (0, 1, 2, 3, 4))


def test_a_choice_holds_for_its_practice_only_and_is_recorded(cast: Cast) -> None:
    chosen = PracticePreferences(MrnPattern.YEARLY, time(7, 30), time(20), (5, 0))
    with cast.highland.scope():
        change_preferences(preferences=chosen, by=cast.highland.actor("admin"))
        change_preferences(preferences=chosen, by=cast.highland.actor("admin"))
        assert get_preferences() == replace(chosen, service_days=(0, 5))
    with cast.lakeside.scope():
        assert get_preferences() == PracticePreferences()
    rows = AuditLog.objects.filter(action="practice.preferences_change", subject_id=cast.highland.id)
    assert {row.practice_id for row in rows} == {cast.highland.id}


def test_only_an_administrator_chooses(cast: Cast) -> None:
    with cast.highland.scope(), pytest.raises(NotPermitted):
        change_preferences(preferences=PracticePreferences(), by=cast.highland.actor("clinical_manager"))


def test_service_ends_after_it_starts(cast: Cast) -> None:
    wrong = PracticePreferences(service_starts=time(18), service_ends=time(8))
    with cast.highland.scope(), pytest.raises(ValueError, match="service hours"):
        change_preferences(preferences=wrong, by=cast.highland.actor("admin"))

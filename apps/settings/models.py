"""A practice's preferences: one row, or none while every default holds. No PHI."""

from datetime import time

from django.db import models

from apps.foundation.tenancy.models import PracticeModel
from apps.settings.types import LADDER_WORDS, MIN_RETENTION_YEARS, WEEKDAYS, MrnPattern, SearchMode


def _weekdays() -> list[int]:
    return list(WEEKDAYS)


def _ladder() -> list[str]:
    return list(LADDER_WORDS)


class PracticePreference(PracticeModel):
    """What one practice chose."""

    mrn_pattern = models.CharField(
        max_length=10, choices=[(p.value, p.value) for p in MrnPattern], default=MrnPattern.SERIAL
    )
    service_starts = models.TimeField(default=time(8))
    service_ends = models.TimeField(default=time(18))
    service_days = models.JSONField(default=_weekdays)
    search_mode = models.CharField(
        max_length=10, choices=[(m.value, m.value) for m in SearchMode], default=SearchMode.PREFIX
    )
    only_administrators_reactivate = models.BooleanField(default=False)
    uses_panels = models.BooleanField(default=False)
    holds_back_warnings = models.BooleanField(default=True)
    critical_clock_minutes = models.PositiveSmallIntegerField(default=30)
    warning_clock_minutes = models.PositiveSmallIntegerField(default=240)
    critical_clock_always = models.BooleanField(default=False)
    escalation_ladder = models.JSONField(default=_ladder)
    retention_years = models.PositiveSmallIntegerField(default=MIN_RETENTION_YEARS)
    retention_years_by_state = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["practice"], name="preference_once_a_practice"),
            models.CheckConstraint(
                condition=models.Q(service_ends__gt=models.F("service_starts")), name="preference_service_hours"
            ),
        ]

    def __str__(self) -> str:
        return f"preferences of {self.practice_id}"

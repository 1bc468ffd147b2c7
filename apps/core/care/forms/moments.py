"""Moments as people enter them: on the practice's clock."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils import timezone


class LocalMomentField(forms.DateTimeField):
    """A date and a time on the practice's clock, in the hour that autumn has twice as well."""

    def to_python(self, value: Any) -> datetime | None:
        """The moment. Raises ValidationError for what is no date and time."""
        if value in self.empty_values or isinstance(value, datetime):
            return super().to_python(value)
        entered: datetime = super(forms.DateTimeField, self).to_python(value)
        return local_moment(entered, timezone.now())


def local_moment(entered: datetime, now: datetime) -> datetime:
    """When the practice's clock showed this: of an hour that it shows twice the later one, unless that is to come.

    What the clock leaves out in spring is an hour later on it.
    """
    zone = timezone.get_current_timezone()
    shown = [entered.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return max((moment for moment in shown if moment <= now), default=shown[0])

"""The forms of triage."""

from apps.core.triage.forms.alerts import (
    LONGEST_CRITICAL_SNOOZE,
    RESOLUTIONS,
    SNOOZES,
    EscalateForm,
    ResolveForm,
    SnoozeForm,
)
from apps.core.triage.forms.board import LEVELS, MINE, ActivityForm, BoardForm, SaveViewForm

__all__ = [
    "LEVELS",
    "LONGEST_CRITICAL_SNOOZE",
    "MINE",
    "RESOLUTIONS",
    "SNOOZES",
    "ActivityForm",
    "BoardForm",
    "EscalateForm",
    "ResolveForm",
    "SaveViewForm",
    "SnoozeForm",
]

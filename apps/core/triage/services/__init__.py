"""The write door of triage."""

from apps.core.triage.services.alerts import (
    acknowledge_alert,
    close_alerts_for_archive,
    escalate_alert,
    resolve_alert,
    snooze_alert,
)
from apps.core.triage.services.assessment import (
    assess_observations,
    raise_unverified_critical,
    reassess_patients,
)
from apps.core.triage.services.sweeps import begin_triage, reassess_changed, reassess_due
from apps.core.triage.services.thresholds import set_threshold

__all__ = [
    "acknowledge_alert",
    "assess_observations",
    "begin_triage",
    "close_alerts_for_archive",
    "escalate_alert",
    "raise_unverified_critical",
    "reassess_changed",
    "reassess_due",
    "reassess_patients",
    "resolve_alert",
    "set_threshold",
    "snooze_alert",
]

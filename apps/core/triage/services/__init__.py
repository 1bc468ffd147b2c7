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
from apps.core.triage.services.reviews import ask_for_reviews, mark_reviewed
from apps.core.triage.services.saved_views import forget_view, save_view
from apps.core.triage.services.sweeps import begin_triage, reassess_changed, reassess_due
from apps.core.triage.services.symptoms import report_symptoms
from apps.core.triage.services.thresholds import preview_threshold, set_threshold, sign_threshold
from apps.core.triage.services.wearers import answer_wearer, ask_wearer, ask_wearers

__all__ = [
    "acknowledge_alert",
    "answer_wearer",
    "ask_for_reviews",
    "ask_wearer",
    "ask_wearers",
    "assess_observations",
    "begin_triage",
    "close_alerts_for_archive",
    "escalate_alert",
    "forget_view",
    "mark_reviewed",
    "preview_threshold",
    "raise_unverified_critical",
    "reassess_changed",
    "reassess_due",
    "reassess_patients",
    "report_symptoms",
    "resolve_alert",
    "save_view",
    "set_threshold",
    "sign_threshold",
    "snooze_alert",
]

"""The app of triage."""

from django.apps import AppConfig


class TriageConfig(AppConfig):
    """Thresholds, alerts, scores and the board."""

    name = "apps.core.triage"
    label = "triage"
    default_auto_field = "django.db.models.BigAutoField"

"""The app of observations."""

from django.apps import AppConfig


class ObservationsConfig(AppConfig):
    """Observations and their components."""

    name = "apps.core.observations"
    label = "observations"
    default_auto_field = "django.db.models.BigAutoField"

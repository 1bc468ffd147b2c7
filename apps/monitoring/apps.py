"""Django's registration of the monitoring app."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """The app's name and label."""

    name = "apps.monitoring"
    label = "monitoring"
    default_auto_field = "django.db.models.BigAutoField"

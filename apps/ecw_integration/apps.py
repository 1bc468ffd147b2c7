"""Django's registration of the ecw_integration app."""

from django.apps import AppConfig


class EcwIntegrationConfig(AppConfig):
    """The app's name and label."""

    name = "apps.ecw_integration"
    label = "ecw_integration"
    default_auto_field = "django.db.models.BigAutoField"

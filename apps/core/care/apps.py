"""Django's registration of the care app."""

from django.apps import AppConfig


class CareConfig(AppConfig):
    """The app's name and label."""

    name = "apps.core.care"
    label = "care"
    default_auto_field = "django.db.models.BigAutoField"

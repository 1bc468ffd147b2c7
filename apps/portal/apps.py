"""Django's registration of the portal app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The app's name and label."""

    name = "apps.portal"
    label = "portal"
    default_auto_field = "django.db.models.BigAutoField"

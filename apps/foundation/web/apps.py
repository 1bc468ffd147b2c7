"""Django's registration of the web app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The app's name and label."""

    name = "apps.foundation.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"

"""Django's registration of the notifications app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """The app's name and label."""

    name = "apps.foundation.notifications"
    label = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

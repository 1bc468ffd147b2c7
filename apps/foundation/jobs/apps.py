"""Django's registration of the jobs app."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """The app's name and label."""

    name = "apps.foundation.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

"""The Django application of practice preferences."""

from django.apps import AppConfig


class PracticeSettingsConfig(AppConfig):
    """Registers the app under a label that cannot be taken for the settings module."""

    name = "apps.settings"
    label = "practice_settings"
    verbose_name = "Practice settings"

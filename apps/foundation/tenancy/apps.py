"""Django's registration of the tenancy app."""

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    """The app's name and label."""

    name = "apps.foundation.tenancy"
    label = "tenancy"
    default_auto_field = "django.db.models.BigAutoField"

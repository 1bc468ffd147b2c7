"""Django's registration of the billing app."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """The app's name and label."""

    name = "apps.core.billing"
    label = "billing"
    default_auto_field = "django.db.models.BigAutoField"

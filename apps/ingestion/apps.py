"""The Django application of ingestion."""

from django.apps import AppConfig


class IngestionConfig(AppConfig):
    """Registers the app under its label."""

    name = "apps.ingestion"
    label = "ingestion"
    verbose_name = "Ingestion"
    default_auto_field = "django.db.models.BigAutoField"

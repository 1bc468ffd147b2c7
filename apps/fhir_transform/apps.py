"""Django's registration of the fhir_transform app."""

from django.apps import AppConfig


class FhirTransformConfig(AppConfig):
    """The app's name and label."""

    name = "apps.fhir_transform"
    label = "fhir_transform"
    default_auto_field = "django.db.models.BigAutoField"

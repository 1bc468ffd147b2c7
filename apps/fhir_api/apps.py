"""Django's registration of the fhir_api app."""

from django.apps import AppConfig


class FhirApiConfig(AppConfig):
    """The app's name and label."""

    name = "apps.fhir_api"
    label = "fhir_api"
    default_auto_field = "django.db.models.BigAutoField"

"""The Django application of patients and devices."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    """Registers the app under the label that `migrate patients` names."""

    name = "apps.core.patients"
    label = "patients"
    verbose_name = "Patients"

"""Addresses of patients in the JSON API."""

from collections.abc import Callable

from django.urls import URLPattern, path

from apps.core.patients import api

app_name = "patients_api"


def patterns(*, delete_patient: Callable[..., None]) -> list[URLPattern]:
    """The addresses. Deleting also closes alerts and billing, floors above: whoever mounts these brings it along."""
    return [
        path("", api.Patients.as_view(), name="patients"),
        path("search/", api.PatientSearch.as_view(), name="search"),
        path("archived/", api.ArchivedPatients.as_view(), name="archived"),
        path("<uuid:patient_id>/emergency-access/", api.EmergencyAccess.as_view(), name="emergency_access"),
        path("<uuid:patient_id>/", api.OnePatient.as_view(delete_patient=delete_patient), name="patient"),
    ]

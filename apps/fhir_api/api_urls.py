"""Addresses of FHIR in the JSON API."""

from django.urls import path

from apps.fhir_api import api

app_name = "fhir_api_json"

urlpatterns = [
    path("import_fhir/", api.ImportFhirPatient.as_view(), name="import"),
    path("<uuid:patient_id>/fhir/", api.FhirPatientView.as_view(), name="patient"),
]

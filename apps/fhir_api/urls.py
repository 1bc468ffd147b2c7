"""Addresses of FHIR among the pages of patients."""

from django.urls import path

from apps.fhir_api import views

app_name = "fhir_api"

urlpatterns = [
    path("import/", views.import_patients, name="import"),
    path("<uuid:patient_id>/fhir/", views.patient, name="patient"),
]

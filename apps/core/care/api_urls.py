"""Addresses of archiving and restoring in the JSON API, beside those of patients."""

from django.urls import path

from apps.core.care import api

app_name = "care_api"

urlpatterns = [
    path("<uuid:patient_id>/archive/", api.ArchivePatient.as_view(), name="archive"),
    path("<uuid:patient_id>/unarchive/", api.UnarchivePatient.as_view(), name="unarchive"),
    path("<uuid:patient_id>/restore/", api.RestorePatient.as_view(), name="restore"),
]

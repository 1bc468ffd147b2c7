"""Addresses of the quarantine."""

from django.urls import path

from apps.ingestion.views import quarantine

app_name = "quarantine"

urlpatterns = [
    path("", quarantine.quarantine_list, name="list"),
    path("patients/<uuid:patient_id>/", quarantine.held, name="held"),
    path("<uuid:quarantined_id>/", quarantine.resolve, name="resolve"),
]

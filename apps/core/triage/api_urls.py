"""Addresses of triage in the JSON API."""

from django.urls import path

from apps.core.triage import api

app_name = "triage_api"

_ALERT = "patients/<uuid:patient_id>/alerts/<uuid:alert_id>/"

urlpatterns = [
    path("patients/", api.TriagePatients.as_view(), name="patients"),
    path("patients/stats/", api.TriageStats.as_view(), name="stats"),
    path(f"{_ALERT}acknowledge/", api.AcknowledgeAlert.as_view(), name="acknowledge"),
    path(f"{_ALERT}snooze/", api.SnoozeAlert.as_view(), name="snooze"),
    path(f"{_ALERT}escalate/", api.EscalateAlert.as_view(), name="escalate"),
    path(f"{_ALERT}resolve/", api.ResolveAlert.as_view(), name="resolve"),
]

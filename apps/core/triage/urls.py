"""Addresses of the board and of triage's panels on the chart. A patient's id stands in every one that is about one."""

from django.urls import path

from apps.core.triage.views import alerts, board, panels

app_name = "triage"

urlpatterns = [
    path("", board.board, name="board"),
    path("changes/", board.changes, name="changes"),
    path("patients/<uuid:patient_id>/score/", panels.score, name="score"),
    path("patients/<uuid:patient_id>/alerts/", panels.alert_panel, name="alerts"),
    path("patients/<uuid:patient_id>/trends/", panels.trends, name="trends"),
    path("patients/<uuid:patient_id>/timeline/", panels.timeline, name="timeline"),
    path("patients/<uuid:patient_id>/thresholds/", panels.thresholds, name="thresholds"),
    path(
        "patients/<uuid:patient_id>/alerts/<uuid:alert_id>/acknowledge/",
        alerts.acknowledge,
        name="acknowledge",
    ),
    path("patients/<uuid:patient_id>/alerts/<uuid:alert_id>/snooze/", alerts.snooze, name="snooze"),
    path("patients/<uuid:patient_id>/alerts/<uuid:alert_id>/resolve/", alerts.resolve, name="resolve"),
]

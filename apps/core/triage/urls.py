"""Addresses of the board and of triage's panels on the chart. A patient's id stands in every one that is about one."""

from django.urls import path

from apps.core.triage.views import alerts, board, panels, profile, quality, saved_views, team, thresholds, wearers

app_name = "triage"

urlpatterns = [
    path("", board.board, name="board"),
    path("changes/", board.changes, name="changes"),
    path("compliance/", team.compliance, name="compliance"),
    path("load/", team.load, name="load"),
    path("activity/", team.activity, name="activity"),
    path("views/save/", saved_views.save_view, name="save_view"),
    path("views/<uuid:view_id>/forget/", saved_views.forget_view, name="forget_view"),
    path("alerts/<uuid:alert_id>/", alerts.alert, name="alert"),
    path("patients/<uuid:patient_id>/score/", panels.score, name="score"),
    path("patients/<uuid:patient_id>/alerts/", panels.alert_panel, name="alerts"),
    path("patients/<uuid:patient_id>/trends/", panels.trends, name="trends"),
    path("patients/<uuid:patient_id>/days/", panels.days, name="days"),
    path("patients/<uuid:patient_id>/thresholds/", thresholds.thresholds, name="thresholds"),
    path("patients/<uuid:patient_id>/thresholds/change/", thresholds.change_thresholds, name="change_thresholds"),
    path("patients/<uuid:patient_id>/thresholds/sign/", thresholds.sign_thresholds, name="sign_thresholds"),
    path("patients/<uuid:patient_id>/wearer/", wearers.wearer, name="wearer"),
    path("patients/<uuid:patient_id>/wearer/<uuid:question_id>/", wearers.answer, name="answer_wearer"),
    path("reviews/", thresholds.reviews, name="reviews"),
    path("quality/", quality.quality, name="quality"),
    path("unsigned/", profile.unsigned_notice, name="unsigned_profile"),
    path(
        "patients/<uuid:patient_id>/alerts/<uuid:alert_id>/acknowledge/",
        alerts.acknowledge,
        name="acknowledge",
    ),
    path("patients/<uuid:patient_id>/alerts/<uuid:alert_id>/snooze/", alerts.snooze, name="snooze"),
    path("patients/<uuid:patient_id>/review/", alerts.review, name="review"),
    path("patients/<uuid:patient_id>/alerts/<uuid:alert_id>/escalate/", alerts.escalate, name="escalate"),
    path("patients/<uuid:patient_id>/alerts/<uuid:alert_id>/resolve/", alerts.resolve, name="resolve"),
]

"""Addresses of the practice's limits, among the settings."""

from django.urls import path

from apps.core.triage.views import profile

app_name = "practice_thresholds"

urlpatterns = [
    path("", profile.profile, name="profile"),
    path("change/", profile.change_profile, name="change"),
    path("sign/", profile.sign_profile, name="sign"),
]

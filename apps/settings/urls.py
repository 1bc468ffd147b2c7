"""Addresses of the practice's settings."""

from django.urls import path

from apps.settings import views

app_name = "settings"

urlpatterns = [
    path("", views.preferences, name="preferences"),
    path("security/", views.security, name="security"),
]

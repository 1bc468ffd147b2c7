"""Addresses of the readings of a patient."""

from django.urls import path

from apps.core.observations.views import readings

app_name = "observations"

urlpatterns = [path("patients/<uuid:patient_id>/", readings, name="readings")]

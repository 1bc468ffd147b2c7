"""Addresses of billing, below /billing/."""

from django.urls import path

from apps.core.billing import views

app_name = "billing"

urlpatterns = [path("monitoring-time/", views.monitoring_time, name="monitoring_time")]

"""The address of the reports."""

from django.urls import path

from apps.core.care.views import reports

app_name = "reports"

urlpatterns = [path("", reports.reports, name="index")]

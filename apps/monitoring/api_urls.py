"""The trail under /api/v1/audit/."""

from django.urls import path

from apps.monitoring.api import ExportView

app_name = "audit_api"

urlpatterns = [path("export/", ExportView.as_view(), name="export")]

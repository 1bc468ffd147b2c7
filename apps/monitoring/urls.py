"""The probes, the trail, and the keys."""

from django.urls import path

from apps.monitoring import views
from apps.monitoring.views.keys import keys

app_name = "monitoring"

urlpatterns = [
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("security/keys/", keys, name="keys"),
    path("audit/", views.trail, name="trail"),
    path("audit/verify/", views.verify, name="verify"),
    path("audit/export/", views.export, name="export"),
    path("audit/patients/<uuid:patient_id>/", views.chart, name="chart"),
    path("audit/patients/<uuid:patient_id>/report.pdf", views.chart_pdf, name="chart_pdf"),
    path("audit/<uuid:entry_id>/", views.entry, name="entry"),
    path("audit/<uuid:entry_id>/reveal/", views.reveal, name="reveal"),
]

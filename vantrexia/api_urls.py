"""The JSON API under /api/v1/."""

from django.urls import include, path

urlpatterns = [
    path("triage/", include("apps.core.triage.api_urls")),
    path("ingestion/", include("apps.ingestion.api_urls")),
    path("mio_integration/", include("apps.ingestion.api_urls", namespace="mio_integration_api")),
]

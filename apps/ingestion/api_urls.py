"""JSON addresses under /api/v1/ingestion/."""

from django.urls import path

from apps.ingestion.views.webhook import receive_webhook

app_name = "ingestion_api"

urlpatterns = [path("webhook/", receive_webhook, name="webhook")]

"""The webhook's second address, /api/v1/mio_integration/webhook/, which the customer's documents also print."""

from django.urls import path

from apps.ingestion.views.webhook import receive_webhook

app_name = "mio_integration_api"

urlpatterns = [path("webhook/", receive_webhook, name="webhook")]

"""JSON addresses under /api/v1/notifications/."""

from django.urls import path

from apps.authentication import app_api

app_name = "notifications_api"

urlpatterns = [
    path("devices/", app_api.Devices.as_view(), name="devices"),
    path("devices/<uuid:destination_id>/", app_api.Device.as_view(), name="device"),
]

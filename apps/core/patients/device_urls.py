"""Addresses of the device inventory."""

from django.urls import path

from apps.core.patients.views import inventory

app_name = "devices"

urlpatterns = [
    path("", inventory.device_list, name="list"),
    path("register/", inventory.register, name="register"),
    path("<uuid:device_id>/assign/", inventory.assign, name="assign"),
    path("<uuid:device_id>/release/", inventory.release, name="release"),
]

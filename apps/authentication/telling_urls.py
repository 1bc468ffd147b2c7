"""Addresses of a practice's way to tell its people things, and of the log of what it told them."""

from django.urls import path

from apps.authentication.views import delivery_log, telling

urlpatterns = [
    path("", telling.policy, name="notification_policy"),
    path("log/", delivery_log.delivery_log, name="delivery_log"),
]

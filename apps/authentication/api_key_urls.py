"""Addresses of the keys of services."""

from django.urls import path

from apps.authentication.views import api_keys

app_name = "api_keys"

urlpatterns = [
    path("", api_keys.api_keys, name="list"),
    path("issue/", api_keys.issue, name="issue"),
    path("<uuid:key_id>/revoke/", api_keys.revoke, name="revoke"),
]

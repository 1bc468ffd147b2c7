"""Addresses of the bell."""

from django.urls import path

from apps.authentication.views import bell

urlpatterns = [
    path("", bell.notices, name="notices"),
    path("bell/", bell.bell, name="bell"),
    path("newest/", bell.newest, name="newest_notices"),
    path("seen/", bell.see_all, name="see_all_notices"),
    path("<uuid:notification_id>/open/", bell.open_notice, name="open_notice"),
]

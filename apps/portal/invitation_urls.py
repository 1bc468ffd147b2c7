"""Addresses of an invitation to the portal. patients reverses the first, so they stand in no namespace."""

from django.urls import path

from apps.portal.views import invitations

urlpatterns = [
    path("", invitations.follow, name="portal_invitation"),
    path("birth-date/", invitations.birth_date, name="portal_birth_date"),
    path("password/", invitations.password, name="portal_password"),
]

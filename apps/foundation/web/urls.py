"""Addresses that the web gives a meaning of its own."""

from django.urls import path

from apps.foundation.web import views

app_name = "web"

urlpatterns = [
    path(".well-known/security.txt", views.security_contact, name="security_contact"),
]

"""The probes."""

from django.urls import path

from apps.monitoring import views

app_name = "monitoring"

urlpatterns = [
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
]

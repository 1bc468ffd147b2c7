"""The address of the service worker: at the root, for a worker may only open pages below its own address."""

from django.urls import path

from apps.authentication.views import telling

urlpatterns = [path("sw.js", telling.service_worker, name="service_worker")]

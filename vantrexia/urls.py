"""Every address of the product."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import include, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from apps.authentication.types import Role
from apps.foundation.web.guards import public

handler400 = "apps.foundation.web.errors.bad_request"
handler403 = "apps.foundation.web.errors.forbidden"
handler404 = "apps.foundation.web.errors.not_found"
handler500 = "apps.foundation.web.errors.server_error"


@public(reason="only points to the first page of whoever asks, which is guarded")
def home(request: HttpRequest) -> HttpResponse:
    """A patient's first page is the portal's, everybody else's the board."""
    actor = getattr(request, "actor", None)
    return redirect("portal:home" if actor is not None and actor.role == Role.PATIENT else "triage:board")


choose_language = public(reason="keeps a language in the browser, and nothing else")(require_POST(set_language))

urlpatterns = [
    path("", home, name="home"),
    path("language/", choose_language, name="set_language"),
    path("triage/", include("apps.core.triage.urls")),
    path("patients/", include("apps.core.patients.urls")),
    path("patients/", include("apps.core.care.urls")),
    path("patients/", include("apps.fhir_api.urls")),
    path("reports/", include("apps.core.care.report_urls")),
    path("billing/", include("apps.core.billing.urls")),
    path("observations/", include("apps.core.observations.urls")),
    path("devices/", include("apps.core.patients.device_urls")),
    path("quarantine/", include("apps.ingestion.urls")),
    path("account/", include("apps.authentication.urls")),
    path("portal/invitation/", include("apps.portal.invitation_urls")),
    path("portal/", include("apps.portal.urls")),
    path("notifications/", include("apps.authentication.bell_urls")),
    path("", include("apps.authentication.worker_urls")),
    path("settings/notifications/", include("apps.authentication.telling_urls")),
    path("settings/api-keys/", include("apps.authentication.api_key_urls")),
    path("settings/people/", include("apps.authentication.people_urls")),
    path("settings/thresholds/", include("apps.core.triage.threshold_urls")),
    path("settings/", include("apps.settings.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("vantrexia.api_urls")),
    path("", include("apps.foundation.web.urls")),
    path("", include("apps.monitoring.urls")),
]

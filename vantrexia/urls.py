"""Every address of the product."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from apps.foundation.web.guards import public

handler400 = "apps.foundation.web.errors.bad_request"
handler403 = "apps.foundation.web.errors.forbidden"
handler404 = "apps.foundation.web.errors.not_found"
handler500 = "apps.foundation.web.errors.server_error"

home = public(reason="only points to the board, which is guarded")(
    RedirectView.as_view(pattern_name="triage:board", permanent=False)
)

urlpatterns = [
    path("", home, name="home"),
    path("triage/", include("apps.core.triage.urls")),
    path("patients/", include("apps.core.patients.urls")),
    path("patients/", include("apps.core.care.urls")),
    path("patients/", include("apps.fhir_api.urls")),
    path("observations/", include("apps.core.observations.urls")),
    path("devices/", include("apps.core.patients.device_urls")),
    path("quarantine/", include("apps.ingestion.urls")),
    path("account/", include("apps.authentication.urls")),
    path("settings/", include("apps.settings.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("vantrexia.api_urls")),
    path("", include("apps.monitoring.urls")),
]

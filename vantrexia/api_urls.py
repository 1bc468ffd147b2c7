"""The JSON API under /api/v1/. Aliases (C-24) lead to the same views."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from apps.authentication.types import Permission
from apps.core.care.services import delete_patient
from apps.core.patients.api_urls import patterns
from apps.foundation.web.guards import guard

schema = guard(Permission.PATIENT_READ)(SpectacularAPIView.as_view())
docs = guard(Permission.PATIENT_READ)(
    SpectacularSwaggerSplitView.as_view(url_name="schema", template_name="api/docs.html")
)
patients = patterns(delete_patient=delete_patient)

urlpatterns = [
    path("schema/", schema, name="schema"),
    path("docs/", docs, name="docs"),
    path("auth/", include("apps.authentication.api_urls")),
    path("patients/", include((patients, "patients_api"))),
    path("patients/", include("apps.core.care.api_urls")),
    path("patients/", include("apps.fhir_api.api_urls")),
    path("core/patients/", include((patients, "patients_api"), namespace="core_patients_api")),
    path("core/patients/", include("apps.core.care.api_urls", namespace="core_care_api")),
    path("core/patients/", include("apps.fhir_api.api_urls", namespace="core_fhir_api_json")),
    path("triage/", include("apps.core.triage.api_urls")),
    path("notifications/", include("apps.authentication.app_urls")),
    path("audit/", include("apps.monitoring.api_urls")),
    path("ingestion/", include("apps.ingestion.api_urls")),
    path("mio_integration/", include("apps.ingestion.api_urls", namespace="mio_integration_api")),
]

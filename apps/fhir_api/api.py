"""FHIR for programs: one record as a resource, one resource as a new record."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from django.urls import reverse
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from apps.authentication.types import Permission
from apps.core.patients.selectors import patient_version
from apps.core.patients.types import NotFound
from apps.fhir_api import selectors, services
from apps.fhir_api.forms import FAULT_WORDS
from apps.fhir_api.serializers import ImportedPatientSerializer, unmapped_json
from apps.fhir_api.types import PatientExists
from apps.fhir_transform.types import InvalidFhir
from apps.foundation.web.api import ApiView, Refusals, actor
from apps.foundation.web.problems import Conflict
from apps.foundation.web.serializers import ProblemSerializer
from apps.foundation.web.wire import JsonParser, JsonRenderer

FHIR_JSON = "application/fhir+json"


class FhirParser(JsonParser):
    """JSON under FHIR's name."""

    media_type = FHIR_JSON


class FhirRenderer(JsonRenderer):
    """JSON under FHIR's name."""

    media_type = FHIR_JSON


def _faulty(refusal: InvalidFhir) -> exceptions.ValidationError:
    errors: dict[str, list[str]] = {}
    for one in refusal.faults:
        errors.setdefault(one.path, []).append(str(FAULT_WORDS[one.fault]))
    return exceptions.ValidationError(errors)


def _exists(refusal: PatientExists) -> Conflict:
    if refusal.held_by is None:
        return Conflict(_("Patient already exists"), system=refusal.system)
    text = _("Patient already exists (ID: %(id)s)") % {"id": refusal.held_by}
    return Conflict(text, patient_id=str(refusal.held_by), system=refusal.system)


class FhirView(ApiView):
    """What both addresses share."""

    required_permission = Permission.PATIENT_READ
    refusals: ClassVar[Refusals] = {
        NotFound: lambda refusal: exceptions.NotFound(),
        InvalidFhir: _faulty,
        PatientExists: _exists,
    }


class FhirPatientView(FhirView):
    """One record as a FHIR Patient."""

    renderer_classes = (FhirRenderer, JsonRenderer)

    @extend_schema(
        operation_id="patients_fhir",
        parameters=[
            OpenApiParameter("ssn", bool, description="With the SSN: recorded as a reveal, and for few roles."),
            OpenApiParameter(
                "If-None-Match", str, OpenApiParameter.HEADER, description="The ETag that is held: else 304."
            ),
        ],
        responses={(200, FHIR_JSON): OpenApiTypes.OBJECT, 304: None},
    )
    def get(self, request: Request, patient_id: UUID) -> Response:
        """FHIR R4 (4.0.1), US Core Patient. `meta.versionId` is the ETag."""
        by = actor(request)
        with_ssn = request.query_params.get("ssn") == "true"
        held = parse_etags(request.headers.get("If-None-Match", "")) if not with_ssn else []
        current = f'W/"{patient_version(patient_id, by=by)}"' if held else ""
        if current in held:
            return Response(status=304, headers={"ETag": current})
        found = selectors.fhir_patient(patient_id, with_ssn=with_ssn, by=by)
        return Response(found.resource, content_type=FHIR_JSON, headers={"ETag": f'W/"{found.version}"'})


class ImportFhirPatient(FhirView):
    """A FHIR Patient as a new record."""

    permissions_by_method: ClassVar[Mapping[str, str]] = {"POST": Permission.PATIENT_CREATE}
    parser_classes = (FhirParser, JsonParser)
    renderer_classes = (JsonRenderer, FhirRenderer)

    @extend_schema(
        operation_id="patients_import_fhir",
        request={FHIR_JSON: OpenApiTypes.OBJECT},
        responses={
            201: ImportedPatientSerializer,
            400: OpenApiResponse(ProblemSerializer, "`errors` names FHIR paths."),
            409: OpenApiResponse(ProblemSerializer, "`patient_id` has the MRN or an identifier of the resource."),
        },
    )
    def post(self, request: Request) -> Response:
        """The patient is registered; `unmapped` names by FHIR path what could not be kept as it was."""
        patient_id, unmapped = services.import_patient(request.data, by=actor(request))
        answer = Response({"id": str(patient_id), "unmapped": unmapped_json(unmapped)}, status=201)
        answer["Location"] = request.build_absolute_uri(reverse("patients_api:patient", args=[patient_id]))
        return answer

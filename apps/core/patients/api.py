"""Patients as JSON, over the filter, the selectors and the services that the pages use."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from apps.authentication.selectors import member_emails
from apps.authentication.types import Permission
from apps.core.patients import selectors, services
from apps.core.patients.filters import FilterForm, PatientFilter, asked_form, criteria_of
from apps.core.patients.forms.patients import fault_words
from apps.core.patients.selectors.patients import detail_of, find_patient
from apps.core.patients.serializers import (
    ArchivedPageSerializer,
    EmergencyOpenedSerializer,
    EmergencySerializer,
    NewPatientSerializer,
    PatientChangeSerializer,
    PatientPageSerializer,
    PatientQuerySerializer,
    PatientSerializer,
    archived_json,
    patient_json,
    wire_faults,
)
from apps.core.patients.types import (
    IdentifierTaken,
    InvalidPatient,
    MrnTaken,
    NoEmergency,
    NotFound,
    PatientDetail,
    PatientFilters,
    PatientStatus,
    StaleVersion,
)
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.api import ApiView, Refusals, actor, checked
from apps.foundation.web.problems import Conflict, PreconditionFailed
from apps.foundation.web.serializers import ProblemSerializer, page_envelope, require_page

PAGE_SIZE = 20
PAGE_SIZE_OF_PM = 25
"""C-6: the two documents differ; which one a request follows shows in its parameters."""
OF_PM = frozenset({"q", "status", "risk_level", "assigned_to", "has_device", "non_compliant", "created_after"})
OF_PA = frozenset({"search", "active"})
PAGING = frozenset({"page", "page_size"})
IGNORED = frozenset({"format"})
_CHANGED_MEANWHILE = "Somebody else changed this patient meanwhile. Nothing was changed."
_VERSION_HEADER = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The ETag of the patient that was read; else 412."
)
_ETAG = OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 201], description="The version.")
_LOCATION = OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[201])
_STALE = OpenApiResponse(
    ProblemSerializer, "Taken by another patient, archived, or changed meanwhile (`current_version`)."
)


def _taken(field: str) -> Conflict:
    text = fault_words(field, "taken")
    return Conflict(text, errors={field: [text]})


class PatientView(ApiView):
    """What every address of patients shares."""

    required_permission = Permission.PATIENT_READ
    refusals: ClassVar[Refusals] = {
        NotFound: lambda refusal: exceptions.NotFound(),
        MrnTaken: lambda refusal: _taken("mrn"),
        IdentifierTaken: lambda refusal: _taken("external_id"),
    }


class Patients(PatientView):
    """The list, and new patients."""

    permissions_by_method: ClassVar[Mapping[str, str]] = {"POST": Permission.PATIENT_CREATE}

    @extend_schema(operation_id="patients_list", parameters=[PatientQuerySerializer], responses=PatientPageSerializer)
    def get(self, request: Request) -> Response:
        """A page of patients, the active ones unless said otherwise."""
        return _page(request, _asked(request.query_params))

    @extend_schema(
        operation_id="patients_create",
        request=NewPatientSerializer,
        parameters=[_ETAG, _LOCATION],
        responses={201: PatientSerializer, 409: OpenApiResponse(ProblemSerializer, "MRN or external id is taken.")},
    )
    def post(self, request: Request) -> Response:
        """The patient is registered and active; the answer is the whole patient."""
        entered = NewPatientSerializer(data=request.data)
        checked(entered)
        try:
            patient_id = services.register_patient(**entered.values(), by=actor(request))
        except InvalidPatient as refusal:
            raise _at_fault(refusal, entered.validated_data) from None
        answer = _patient(detail_of(find_patient(patient_id), with_ssn=False), status=201)
        answer["Location"] = request.build_absolute_uri(reverse("patients_api:patient", args=[patient_id]))
        return answer


class PatientSearch(PatientView):
    """The list, asked for without a name in an address."""

    @extend_schema(
        operation_id="patients_search",
        request=PatientQuerySerializer,
        parameters=[OpenApiParameter("page", int), OpenApiParameter("page_size", int)],
        responses=PatientPageSerializer,
    )
    def post(self, request: Request) -> Response:
        """As the list. Post the same body to `next`: the page in the address goes before the one in the body."""
        asked = PatientQuerySerializer(data=request.data)
        checked(asked)
        return _page(request, {**asked.texts(), **_asked(request.query_params, PAGING)})


class OnePatient(PatientView):
    """One patient. Deleting one is the business of care, above: whoever mounts this address brings `delete_patient`."""

    delete_patient: Callable[..., None] | None = None
    permissions_by_method: ClassVar[Mapping[str, str]] = {
        "PUT": Permission.PATIENT_CHANGE,
        "DELETE": Permission.PATIENT_DELETE,
    }

    @extend_schema(operation_id="patients_read", parameters=[_ETAG], responses=PatientSerializer)
    def get(self, request: Request, patient_id: UUID) -> Response:
        """The whole patient, archived ones too."""
        return _patient(selectors.get_patient(patient_id, by=actor(request)))

    @extend_schema(
        operation_id="patients_replace",
        request=PatientChangeSerializer,
        parameters=[_VERSION_HEADER, _ETAG],
        responses={
            200: PatientSerializer,
            409: _STALE,
            412: OpenApiResponse(ProblemSerializer, "If-Match names another version than `current_version`."),
        },
    )
    def put(self, request: Request, patient_id: UUID) -> Response:
        """The patient is what the body says; the answer is the whole patient."""
        entered = PatientChangeSerializer(data=request.data)
        checked(entered)
        required = _version_required(request, patient_id)
        expected: int | None = entered.validated_data.get("version")
        if required is not None and expected not in (None, required):
            raise exceptions.ValidationError({"version": [_("This and If-Match name different versions.")]})
        try:
            services.change_patient(
                patient_id=patient_id,
                changes=entered.changes(),
                expected_version=expected if required is None else required,
                by=actor(request),
            )
        except InvalidPatient as refusal:
            raise _at_fault(refusal, entered.validated_data) from None
        except StaleVersion as refusal:
            stale = Conflict if required is None else PreconditionFailed
            raise stale(_CHANGED_MEANWHILE, current_version=refusal.current) from None
        return _patient(detail_of(find_patient(patient_id), with_ssn=False))

    @extend_schema(operation_id="patients_delete", responses={204: None})
    def delete(self, request: Request, patient_id: UUID) -> Response:
        """The patient is in no list any more; the record is kept, for administrators."""
        if self.delete_patient is None:
            raise ImproperlyConfigured("mounted without delete_patient")
        self.delete_patient(patient_id=patient_id, by=actor(request), now=timezone.now())
        return Response(status=204)


class EmergencyAccess(PatientView):
    """The door to a patient outside one's panel."""

    required_permission = Permission.PATIENT_EMERGENCY
    opens_outside_panels = True
    refusals: ClassVar[Refusals] = {
        **PatientView.refusals,
        NoEmergency: lambda refusal: Conflict(_("You may open this patient already.")),
    }

    @extend_schema(
        operation_id="patients_emergency_access",
        request=EmergencySerializer,
        responses={201: EmergencyOpenedSerializer, 409: OpenApiResponse(ProblemSerializer, "Open already.")},
    )
    def post(self, request: Request, patient_id: UUID) -> Response:
        """The patient is open to the caller until then; administrators are told and review it."""
        if not selectors.patient_exists(patient_id):
            raise NotFound("patient")
        given = checked(EmergencySerializer(data=request.data))
        try:
            until = services.open_emergency_access(
                patient_id=patient_id, reason=given["reason"], by=actor(request), now=timezone.now()
            )
        except InvalidPatient as refusal:
            raise _at_fault(refusal, given) from None
        return Response({"expires_at": until}, status=201)


class ArchivedPatients(PatientView):
    """The patients whose records are closed."""

    @extend_schema(
        operation_id="patients_archived_list",
        parameters=[OpenApiParameter("page", int), OpenApiParameter("page_size", int)],
        responses=ArchivedPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """A page of them, the latest archived first, with reason, time and the e-mail of whoever archived (C-10)."""
        number, size = _place(_asked(request.query_params, PAGING), PAGE_SIZE)
        filters = PatientFilters(status=PatientStatus.ARCHIVED, ordering="-archived")
        page = selectors.patient_detail_page(
            filters=filters, page=number, page_size=size, by=actor(request), action="patient.archived_list"
        )
        require_page(number, page)
        emails = member_emails({row.archived_by_id for row in page.rows if row.archived_by_id})
        return Response(page_envelope(request, page, [archived_json(row, emails) for row in page.rows]))


def _asked(query: QueryDict, known: frozenset[str] | None = None) -> dict[str, str]:
    """The parameters of the address, each known and given once."""
    known = known or frozenset(PatientFilter.base_filters) | PAGING
    faults = {name: [_("There is no such parameter.")] for name in query if name not in known | IGNORED}
    faults |= {name: [_("This stands there twice.")] for name, values in query.lists() if len(values) > 1}
    if faults:
        raise exceptions.ValidationError(faults)
    return {name: value for name, value in query.items() if name not in IGNORED}


def _place(asked: Mapping[str, str], page_size: int) -> tuple[int, int]:
    """The number and the size of the page; a size over the limit is the limit, which the selector sees to."""
    place = {"page": asked.get("page", "1"), "page_size": asked.get("page_size", str(page_size))}
    wrong = [name for name, text in place.items() if not (text.isascii() and text.isdecimal() and int(text[:9]))]
    if wrong:
        raise exceptions.ValidationError({name: [_("This is a whole number from 1 on.")] for name in wrong})
    return int(place["page"][:9]), int(place["page_size"][:9])


def _page(request: Request, asked: dict[str, str]) -> Response:
    speaks_pm = OF_PM & asked.keys() and not OF_PA & asked.keys()
    number, size = _place(asked, PAGE_SIZE_OF_PM if speaks_pm else PAGE_SIZE)
    filters = _criteria(asked_form({name: asked[name] for name in asked.keys() - PAGING}), actor(request))
    page = selectors.patient_detail_page(filters=filters, page=number, page_size=size, by=actor(request))
    require_page(number, page)
    return Response(page_envelope(request, page, [patient_json(row) for row in page.rows]))


def _criteria(asked: FilterForm, by: Actor) -> PatientFilters:
    if asked.is_valid():
        return criteria_of(asked.cleaned_data, by)
    raise exceptions.ValidationError(
        {
            name: [exceptions.ErrorDetail(text, fault.code) for fault in faults for text in fault.messages]
            for name, faults in asked.errors.as_data().items()
        }
    )


def _patient(patient: PatientDetail, status: int = 200) -> Response:
    return Response(patient_json(patient), status=status, headers={"ETag": f'"{patient.version}"'})


def _at_fault(refusal: InvalidPatient, sent: Mapping[str, Any]) -> exceptions.APIException:
    if "status" in refusal.faults:
        text = fault_words("status", "archived")
        return Conflict(text, errors={"status": [text]})
    return exceptions.ValidationError(
        wire_faults({name: fault_words(name, code) for name, code in refusal.faults.items()}, sent)
    )


def _version_required(request: Request, patient_id: UUID) -> int | None:
    """The version that If-Match asks for, or None without the header; 412 where it can't be met (RFC 9110, 13.1.1)."""
    tags = [tag.strip() for tag in request.headers.get("If-Match", "*").split(",")]
    if "*" in tags:
        return None
    current = find_patient(patient_id).version
    if f'"{current}"' not in tags:
        raise PreconditionFailed(_CHANGED_MEANWHILE, current_version=current)
    return current

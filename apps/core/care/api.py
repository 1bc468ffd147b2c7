"""Archiving and restoring a patient as JSON, over the services that the pages use."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from apps.authentication.selectors import member_emails
from apps.authentication.types import Permission
from apps.core.care import services
from apps.core.care.serializers import (
    ArchivedSerializer,
    ArchiveSerializer,
    RestoredSerializer,
    RestoreSerializer,
    UnarchivedSerializer,
    UnarchiveSerializer,
)
from apps.core.patients.types import AlreadyArchived, InvalidPatient, NotArchived, NotFound, PatientStatus
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.api import ApiView, Refusals, actor, checked
from apps.foundation.web.problems import Conflict
from apps.foundation.web.serializers import ProblemSerializer


def _already(refusal: AlreadyArchived) -> Conflict:
    return Conflict(
        _("The patient is already archived."),
        archived_at=refusal.at,
        archived_by=_email(refusal.by_id),
    )


def _at_fault(refusal: InvalidPatient) -> exceptions.ValidationError:
    return exceptions.ValidationError({name: [_("This is needed.")] for name in refusal.faults})


def _email(user_id: UUID | None) -> str | None:
    return member_emails([user_id]).get(user_id) if user_id else None


class ArchivingView(ApiView):
    """What the three share."""

    refusals: ClassVar[Refusals] = {
        NotFound: lambda refusal: exceptions.NotFound(),
        AlreadyArchived: _already,
        NotArchived: lambda refusal: Conflict(_("The patient is not archived.")),
        InvalidPatient: _at_fault,
    }


class ArchivePatient(ArchivingView):
    """Closing a record."""

    required_permission = Permission.PATIENT_ARCHIVE

    @extend_schema(
        operation_id="patients_archive",
        request=ArchiveSerializer,
        responses={
            200: ArchivedSerializer,
            409: OpenApiResponse(ProblemSerializer, "Already archived: `archived_at`, `archived_by`."),
        },
    )
    def post(self, request: Request, patient_id: UUID) -> Response:
        """The record is read-only and its alerts are closed; unless said otherwise billing is final, devices free."""
        given, by, now = checked(ArchiveSerializer(data=request.data)), actor(request), timezone.now()
        services.archive_patient(patient_id=patient_id, **given, by=by, now=now)
        return Response(
            {
                "id": patient_id,
                "status": PatientStatus.ARCHIVED.value,
                "archived_at": now,
                "archived_by": _email(by.user_id),
                "archive_reason": given["reason"],
            }
        )


class UnarchivePatient(ArchivingView):
    """Opening a record again, as clinicians may (C-11)."""

    required_permission = Permission.PATIENT_UNARCHIVE

    @extend_schema(
        operation_id="patients_unarchive",
        request=UnarchiveSerializer,
        responses={200: UnarchivedSerializer, 409: OpenApiResponse(ProblemSerializer, "Not archived.")},
    )
    def post(self, request: Request, patient_id: UUID) -> Response:
        """The record is open again. No body is needed. Devices have to be assigned anew."""
        given, by, now = checked(UnarchiveSerializer(data=request.data)), actor(request), timezone.now()
        services.unarchive_patient(patient_id=patient_id, **given, by=by)
        return Response(_open_again(patient_id, by, now))


class RestorePatient(ArchivingView):
    """Opening a record again, with a justification."""

    required_permission = Permission.PATIENT_RESTORE

    @extend_schema(
        operation_id="patients_restore",
        request=RestoreSerializer,
        responses={200: RestoredSerializer, 409: OpenApiResponse(ProblemSerializer, "Not archived.")},
    )
    def post(self, request: Request, patient_id: UUID) -> Response:
        """The record is open again. Devices have to be assigned anew."""
        given, by, now = checked(RestoreSerializer(data=request.data)), actor(request), timezone.now()
        services.restore_patient(patient_id=patient_id, **given, by=by)
        return Response(_open_again(patient_id, by, now) | given)


def _open_again(patient_id: UUID, by: Actor, now: Any) -> dict[str, Any]:
    return {
        "id": patient_id,
        "status": PatientStatus.ACTIVE.value,
        "unarchived_at": now,
        "unarchived_by": _email(by.user_id),
    }

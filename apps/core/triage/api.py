"""The board as JSON, over the selectors and services that the pages use."""

from collections.abc import Callable
from typing import ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from apps.authentication.types import Permission
from apps.core.patients.types import RiskLevel
from apps.core.triage import selectors, services
from apps.core.triage.serializers import (
    AcknowledgeSerializer,
    AlertSerializer,
    BoardCountsSerializer,
    BoardPageSerializer,
    BoardQuerySerializer,
    EscalateSerializer,
    ResolveSerializer,
    SnoozeSerializer,
    alert_line,
    board_counts,
    board_row,
)
from apps.core.triage.types import (
    AlertBecameWorse,
    AlertClosed,
    AlertNotFound,
    AlreadyAcknowledged,
    BoardFilters,
    TriageRefusal,
)
from apps.foundation.web.api import ApiView, Refusals, actor, checked
from apps.foundation.web.problems import WITHOUT_FIELD, Conflict
from apps.foundation.web.serializers import ProblemSerializer, StrictSerializer, page_envelope, require_page

_ALERT_OR_CONFLICT = {
    200: AlertSerializer,
    409: OpenApiResponse(ProblemSerializer, "Taken by somebody else, closed, or worse than was seen (`alert`)."),
}
_BECAME_WORSE = "The alert has become worse since it was read. Nothing was changed."


def _taken(refusal: AlreadyAcknowledged) -> Conflict:
    return Conflict(f"{refusal.by_name or 'Somebody'} has been handling this alert since {refusal.at.isoformat()}.")


def _at_fault(refusal: TriageRefusal) -> exceptions.ValidationError:
    return exceptions.ValidationError({refusal.field or WITHOUT_FIELD: [str(refusal)]})


class TriageView(ApiView):
    """What every address of triage shares."""

    required_permission = Permission.TRIAGE_READ
    refusals: ClassVar[Refusals] = {
        AlertNotFound: lambda refusal: exceptions.NotFound(),
        AlreadyAcknowledged: _taken,
        AlertClosed: lambda refusal: Conflict("The alert is closed."),
        TriageRefusal: _at_fault,
    }


class TriagePatients(TriageView):
    """Active patients, the most urgent first."""

    @extend_schema(operation_id="triage_patients", parameters=[BoardQuerySerializer], responses=BoardPageSerializer)
    def get(self, request: Request) -> Response:
        """One page; each patient with the score, its parts, newest values and open alerts."""
        given = checked(BoardQuerySerializer(data=request.query_params.dict()))
        filters = BoardFilters(
            level=RiskLevel(given["risk_level"]) if "risk_level" in given else None,
            panel=given["panel"],
            query=given["search"],
            unacknowledged=given["has_unack_alerts"],
            ordering=given["ordering"],
        )
        page = selectors.board_page(
            filters=filters, page=given["page"], page_size=given["page_size"], by=actor(request)
        )
        require_page(given["page"], page)
        return Response(page_envelope(request, page, [board_row(row) for row in page.rows]))


class TriageStats(TriageView):
    """How many patients stand at each level."""

    @extend_schema(operation_id="triage_stats", responses=BoardCountsSerializer)
    def get(self, request: Request) -> Response:
        """Count and change against 24 hours before, for each level."""
        return Response(board_counts(selectors.board_counts(by=actor(request))))


class AcknowledgeAlert(TriageView):
    """Taking an alert."""

    required_permission = Permission.ALERT_ACKNOWLEDGE

    @extend_schema(operation_id="alerts_acknowledge", request=AcknowledgeSerializer, responses=_ALERT_OR_CONFLICT)
    def post(self, request: Request, patient_id: UUID, alert_id: UUID) -> Response:
        """The alert is the caller's; 409 names who has it when somebody was first."""
        return _stepped(services.acknowledge_alert, AcknowledgeSerializer, request, patient_id, alert_id)


class SnoozeAlert(TriageView):
    """Silencing an alert for a while."""

    required_permission = Permission.ALERT_SNOOZE

    @extend_schema(operation_id="alerts_snooze", request=SnoozeSerializer, responses=_ALERT_OR_CONFLICT)
    def post(self, request: Request, patient_id: UUID, alert_id: UUID) -> Response:
        """The alert is silent until then or until a worse reading."""
        return _stepped(services.snooze_alert, SnoozeSerializer, request, patient_id, alert_id)


class EscalateAlert(TriageView):
    """Asking somebody else."""

    required_permission = Permission.ALERT_ESCALATE

    @extend_schema(operation_id="alerts_escalate", request=EscalateSerializer, responses=_ALERT_OR_CONFLICT)
    def post(self, request: Request, patient_id: UUID, alert_id: UUID) -> Response:
        """The alert asks the named member, who is told; 404 for whoever is no member of the practice."""
        return _stepped(services.escalate_alert, EscalateSerializer, request, patient_id, alert_id)


class ResolveAlert(TriageView):
    """Closing an alert."""

    required_permission = Permission.ALERT_RESOLVE

    @extend_schema(operation_id="alerts_resolve", request=ResolveSerializer, responses=_ALERT_OR_CONFLICT)
    def post(self, request: Request, patient_id: UUID, alert_id: UUID) -> Response:
        """The alert is closed with its code, and the score computed without it."""
        return _stepped(services.resolve_alert, ResolveSerializer, request, patient_id, alert_id)


def _stepped(
    step: Callable[..., None], body: type[StrictSerializer], request: Request, patient_id: UUID, alert_id: UUID
) -> Response:
    """The alert after the step; or, where it became worse than the caller had seen, 409 and the alert as it stands."""
    by, given = actor(request), checked(body(data=request.data))
    try:
        step(alert_id=alert_id, patient_id=patient_id, by=by, now=timezone.now(), **given)
    except AlertBecameWorse:
        alert = alert_line(selectors.alert_line_of(alert_id, patient_id, by=by))
        raise Conflict(_BECAME_WORSE, alert=alert) from None
    return Response(alert_line(selectors.alert_line_of(alert_id, patient_id, by=by)))

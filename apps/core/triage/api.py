"""The board as JSON, over the selectors and services that the pages use."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.authentication.types import Permission
from apps.core.patients.types import RiskLevel
from apps.core.triage import selectors, services
from apps.core.triage.serializers import (
    AcknowledgeSerializer,
    BoardQuerySerializer,
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
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.guards import record_refusal
from apps.foundation.web.problems import Conflict

_BECAME_WORSE = "The alert has become worse since it was read. Nothing was changed."


class HasRequiredPermission(BasePermission):
    """Lets in whoever acts in a practice and holds the view's permission."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the actor may."""
        actor: Actor | None = getattr(request, "actor", None)
        permission = str(view.required_permission)  # type: ignore[attr-defined]
        if actor is None:
            return False
        if not actor.may(permission):
            record_refusal(actor, permission, type(view).__name__)
            return False
        return True


class TriageView(APIView):
    """What every address of triage shares: the guard, no caching, and refusals as problem details."""

    permission_classes = (HasRequiredPermission,)
    required_permission: ClassVar[str] = Permission.TRIAGE_READ

    def handle_exception(self, exc: Exception) -> Response:
        """A refusal of the rules becomes 404, 409 or 400 with the field that it is about."""
        if isinstance(exc, AlertNotFound):
            exc = exceptions.NotFound()
        elif isinstance(exc, AlreadyAcknowledged):
            exc = Conflict(f"{exc.by_name or 'Somebody'} has been handling this alert since {exc.at.isoformat()}.")
        elif isinstance(exc, AlertClosed):
            exc = Conflict("The alert is closed.")
        elif isinstance(exc, TriageRefusal):
            exc = exceptions.ValidationError({exc.field or "non_field_errors": [str(exc)]})
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """No browser and no proxy keeps the answer."""
        final = super().finalize_response(request, response, *args, **kwargs)
        final["Cache-Control"] = "no-store"
        return final


def _actor(request: Request) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


class TriagePatients(TriageView):
    """Active patients, the most urgent first."""

    @extend_schema(parameters=[BoardQuerySerializer], responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """One page; each patient with the score, its parts, newest values and open alerts."""
        asked = BoardQuerySerializer(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        filters = BoardFilters(
            level=RiskLevel(given["risk_level"]) if "risk_level" in given else None,
            panel=given["panel"],
            query=given["search"],
            unacknowledged=given["has_unack_alerts"],
            ordering=given["ordering"],
        )
        page = selectors.board_page(
            filters=filters, page=given["page"], page_size=given["page_size"], by=_actor(request)
        )
        if given["page"] > page.pages:
            raise exceptions.NotFound("There is no such page.")
        return Response(
            {
                "count": page.total,
                "next": _page_address(request, page.page + 1) if page.page < page.pages else None,
                "previous": _page_address(request, page.page - 1) if page.page > 1 else None,
                "results": [board_row(row) for row in page.rows],
            }
        )


def _page_address(request: Request, page: int) -> str:
    query = request.query_params.copy()
    query["page"] = str(page)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


class TriageStats(TriageView):
    """How many patients stand at each level."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Count and change against 24 hours before, for each level."""
        return Response(board_counts(selectors.board_counts(by=_actor(request))))


class AcknowledgeAlert(TriageView):
    """Taking an alert."""

    required_permission = Permission.ALERT_ACKNOWLEDGE

    @extend_schema(request=AcknowledgeSerializer, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, patient_id: UUID, alert_id: UUID) -> Response:
        """The alert is the caller's; 409 names who has it when somebody was first."""
        asked = AcknowledgeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return _stepped(services.acknowledge_alert, asked.validated_data, request, patient_id, alert_id)


class SnoozeAlert(TriageView):
    """Silencing an alert for a while."""

    required_permission = Permission.ALERT_SNOOZE

    @extend_schema(request=SnoozeSerializer, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, patient_id: UUID, alert_id: UUID) -> Response:
        """The alert is silent until then or until a worse reading."""
        asked = SnoozeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return _stepped(services.snooze_alert, asked.validated_data, request, patient_id, alert_id)


class ResolveAlert(TriageView):
    """Closing an alert."""

    required_permission = Permission.ALERT_RESOLVE

    @extend_schema(request=ResolveSerializer, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, patient_id: UUID, alert_id: UUID) -> Response:
        """The alert is closed with its code, and the score computed without it."""
        asked = ResolveSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return _stepped(services.resolve_alert, asked.validated_data, request, patient_id, alert_id)


def _stepped(
    step: Callable[..., None], given: dict[str, Any], request: Request, patient_id: UUID, alert_id: UUID
) -> Response:
    """The alert after the step; or, where it became worse than the caller had seen, 409 and the alert as it stands."""
    by = _actor(request)
    try:
        step(alert_id=alert_id, patient_id=patient_id, by=by, now=timezone.now(), **given)
    except AlertBecameWorse:
        alert = alert_line(selectors.alert_line_of(alert_id, patient_id, by=by))
        problem = {"type": "about:blank", "title": _BECAME_WORSE, "status": 409, "alert": alert}
        return Response(problem, status=409, content_type="application/problem+json")
    return Response(alert_line(selectors.alert_line_of(alert_id, patient_id, by=by)))

"""The export of the trail (AUD-08 to AUD-10)."""

from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.authentication.types import Permission
from apps.foundation.web.api import ApiView, actor, checked
from apps.monitoring.serializers import ExportQuerySerializer, TrailRowSerializer
from apps.monitoring.services import start_export
from apps.monitoring.wire import attachment


class ExportView(ApiView):
    """The trail as a stream, oldest row first, for administrators. The export itself stands in it."""

    http_method_names = ["get"]
    required_permission = Permission.AUDIT_EXPORT

    @extend_schema(
        operation_id="audit_export",
        parameters=[ExportQuerySerializer],
        responses={(200, "application/json"): TrailRowSerializer(many=True), (200, "text/csv"): OpenApiTypes.STR},
        description=(
            "Exports the audit trail. A stream of the practice's rows, oldest first, as CSV (RFC 4180; cells that a "
            "spreadsheet would take for a formula begin with an apostrophe) or as one JSON array. Values before and "
            "after, and reasons, stay sealed: the names of the changed fields are given. The export is recorded in the "
            "trail before it begins, and again with the number of rows when it is complete."
        ),
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """The stream, or what is wrong with which parameter."""
        asked = ExportQuerySerializer(data=request.query_params)
        checked(asked)
        return attachment(start_export(asked.filters(), asked.kind(), by=actor(request)), asked.kind())

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """The parameter says which form it is, whatever the caller's Accept header does."""
        return super().perform_content_negotiation(request, force=True)

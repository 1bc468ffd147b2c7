"""A stream as a file that the caller saves."""

from collections.abc import Iterator

from django.http import StreamingHttpResponse
from django.utils import timezone

from apps.monitoring.types import ExportKind

_TYPES = {ExportKind.CSV: "text/csv; charset=utf-8; header=present", ExportKind.JSON: "application/json"}


def attachment(stream: Iterator[bytes], kind: ExportKind) -> StreamingHttpResponse:
    """The export under a name that names nobody; no browser and no proxy keeps it."""
    response = StreamingHttpResponse(stream, content_type=_TYPES[kind])
    day = timezone.localdate().isoformat()
    response["Content-Disposition"] = f'attachment; filename="audit-{day}.{kind.value}"'
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response

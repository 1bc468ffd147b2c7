"""`POST /api/v1/ingestion/webhook/`: take a delivery in, or say in one word why not. Never echoes content."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseFault
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.http.request import RawPostDataException, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from apps.foundation.tenancy.types import Actor
from apps.foundation.web.guards import public
from apps.ingestion import services
from apps.ingestion.tasks import process_inbox
from apps.ingestion.types import Overloaded
from apps.mio_integration.services import read_envelope, verify_signature
from apps.mio_integration.types import BrokenPayload, InvalidEnvelope, SignatureVerdict

RETRY_SECONDS = 5


@csrf_exempt
@public(reason="MioConnect signs each delivery with a shared secret")
@transaction.non_atomic_requests
def receive_webhook(request: HttpRequest) -> JsonResponse:
    """Answer 202 with the counts once the delivery is durable; every other answer carries a stable code."""
    refusal = _refuse_by_headers(request)
    if refusal is not None:
        return refusal
    try:
        body = request.body
    except (UnreadablePostError, RawPostDataException):
        return _answer(400, "unreadable_body")
    verdict = verify_signature(
        body=body,
        timestamp=request.META.get("HTTP_X_MIOCONNECT_TIMESTAMP", ""),
        signatures=request.META.get("HTTP_X_MIOCONNECT_SIGNATURE", ""),
    )
    if verdict is not SignatureVerdict.VALID:
        return _refuse_signature(request, verdict)
    if not services.admit_delivery():
        return _answer(429, "too_many_requests", retry_after=RETRY_SECONDS)
    return _accept(body)


def _accept(body: bytes) -> JsonResponse:
    try:
        receipt = services.accept_transmission(body=body, envelope=read_envelope(body=body))
    except BrokenPayload:
        return _answer(400, "broken_json")
    except InvalidEnvelope as fault:
        return _answer(422, "invalid_envelope", field=fault.field)
    except (DatabaseFault, Overloaded):
        return _answer(503, "try_again", retry_after=RETRY_SECONDS)
    process_inbox.ring()
    return JsonResponse({"accepted": receipt.accepted, "duplicates": receipt.duplicates}, status=202)


def _refuse_by_headers(request: HttpRequest) -> JsonResponse | None:
    if request.method != "POST":
        response = _answer(405, "method_not_allowed")
        response.headers["Allow"] = "POST"
        return response
    if request.content_type != "application/json":
        return _answer(415, "json_only")
    length = request.META.get("CONTENT_LENGTH", "")
    if not length.isascii() or not length.isdecimal():
        return _answer(411, "length_required")
    if len(length) > 12 or int(length) > settings.MIO_WEBHOOK_MAX_BYTES:
        return _answer(413, "too_large")
    return None


def _refuse_signature(request: HttpRequest, verdict: SignatureVerdict) -> JsonResponse:
    by = replace(Actor.system("mioconnect"), ip=request.META.get("REMOTE_ADDR", ""))
    try:
        over = services.record_refusal(code=verdict.value, by=by)
    except DatabaseFault:
        over = False
    if over:
        return _answer(429, "too_many_requests", retry_after=60)
    return _answer(401, verdict.value)


def _answer(status: int, code: str, *, retry_after: int | None = None, **more: Any) -> JsonResponse:
    response = JsonResponse({"error": code, **more}, status=status)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response

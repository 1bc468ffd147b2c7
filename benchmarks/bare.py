"""The limits that the product is measured against: a signature check and one committed INSERT; a lookup; nothing."""

import hashlib
import hmac
import os
import uuid

import django_scopes
import orjson
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

from benchmarks.limit_table import TABLE

_INSERT = f"INSERT INTO {TABLE} (id, event_id, body, received_at) VALUES (%s, %s, %s, %s)"

FIND = """
SELECT id, first_name, last_name FROM patients_patient WHERE deleted_at IS NULL AND id IN (
    SELECT patient_id FROM patients_searchtoken WHERE practice_id = %s AND kind = %s AND tag = ANY(%s)
)
"""
"""By practice, kind and tags, the patients as they lie there: sealed."""


def insert(request: HttpRequest) -> HttpResponse:
    """The signature is right and the body is committed."""
    timestamp = request.META.get("HTTP_X_MIOCONNECT_TIMESTAMP", "")
    body = request.body
    secret = settings.MIO_WEBHOOK_SECRETS[0].encode()
    expected = hmac.new(secret, f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(f"v1={expected}", request.META.get("HTTP_X_MIOCONNECT_SIGNATURE", "")):
        return answer(401)
    row_id = uuid.uuid4()
    key = row_id if connection.vendor == "postgresql" else row_id.hex
    moment = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [key, request.META["HTTP_X_MIOCONNECT_EVENT_ID"], body.decode(), moment])
    return answer(202)


def search(request: HttpRequest) -> HttpResponse:
    """Who stands under these tags. Nothing is opened, and nobody is asked who they are."""
    practice_id, tags = uuid.UUID(request.GET["practice"]), [int(tag) for tag in request.GET.getlist("tag")]
    with django_scopes.scope(practice=practice_id), connection.cursor() as cursor:
        cursor.execute(FIND, [practice_id, request.GET["kind"], tags])
        body = orjson.dumps([{"id": row[0], "first": row[1], "last": row[2]} for row in cursor.fetchall()])
    response = HttpResponse(body, content_type="application/json")
    response["Content-Length"] = str(len(body))
    return response


def nothing(request: HttpRequest) -> HttpResponse:
    return answer(200)


def answer(status: int) -> HttpResponse:
    response = HttpResponse(b"{}", status=status, content_type="application/json")
    response["Content-Length"] = "2"
    return response


urlpatterns = [path("insert/", insert), path("search/", search), path("nothing/", nothing)]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.bare_settings")
application = get_wsgi_application()

"""The limit that the product is measured against: a signature check and one committed INSERT, and nothing else."""

import hashlib
import hmac
import os
import uuid

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

from benchmarks.limit_table import TABLE

_INSERT = f"INSERT INTO {TABLE} (id, event_id, body, received_at) VALUES (%s, %s, %s, %s)"


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


def nothing(request: HttpRequest) -> HttpResponse:
    return answer(200)


def answer(status: int) -> HttpResponse:
    response = HttpResponse(b"{}", status=status, content_type="application/json")
    response["Content-Length"] = "2"
    return response


urlpatterns = [path("insert/", insert), path("nothing/", nothing)]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.bare_settings")
application = get_wsgi_application()

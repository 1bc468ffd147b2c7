"""Errors of the JSON API as problem details (RFC 9457): what is wrong with which field, never the value itself."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from apps.foundation.tenancy.types import NotPermitted


class Conflict(exceptions.APIException):
    """The thing changed meanwhile; the text says who has it."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
    default_detail = "Somebody else changed this meanwhile."


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to an exception in an API view, or None for those that are bugs."""
    if isinstance(error, NotPermitted):
        error = exceptions.PermissionDenied()
    elif isinstance(error, ObjectDoesNotExist):
        error = Http404()
    elif isinstance(error, ValidationError):
        error = exceptions.ValidationError(error.message_dict if hasattr(error, "error_dict") else error.messages)
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = _problem(response.status_code, response.data)
    response.content_type = "application/problem+json"
    return response


def _problem(status_code: int, given: Any) -> dict[str, Any]:
    problem: dict[str, Any] = {"type": "about:blank", "status": status_code}
    if isinstance(given, dict) and set(given) == {"detail"}:
        return {**problem, "title": str(given["detail"])}
    if isinstance(given, dict):
        errors = {name: [str(m) for m in (m if isinstance(m, list) else [m])] for name, m in given.items()}
        return {**problem, "title": "Some fields are not right.", "errors": errors}
    messages = given if isinstance(given, list) else [given]
    return {**problem, "title": "The request is not right.", "errors": {"non_field_errors": [str(m) for m in messages]}}

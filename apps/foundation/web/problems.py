"""Errors of the JSON API as problem details (RFC 9457): what is wrong with which field, never the value itself."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from rest_framework import exceptions, status
from rest_framework.exceptions import ErrorDetail
from rest_framework.response import Response
from rest_framework.views import exception_handler

from apps.foundation.tenancy.types import NotPermitted

PROBLEM_TYPE = "application/problem+json"
WITHOUT_FIELD = "non_field_errors"
_NAME_MAX = 64
_FIELDS_MAX = 50

_QUIET = {
    "invalid_choice": _lazy("This is not one of the choices."),
    "unsupported_media_type": _lazy("Send application/json."),
}
"""What stands instead of the framework's messages that would repeat what was sent, by their codes."""


class Problem(exceptions.APIException):
    """A refusal with members of its own beside type, title, status and detail."""

    def __init__(self, detail: Any = None, **members: Any) -> None:
        """Remember what the answer says as well."""
        super().__init__(detail)
        self.members = members


class Conflict(Problem):
    """The thing is not in the state that the request needs; the text says in which."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
    default_detail = _lazy("Somebody else changed this meanwhile.")


class PreconditionFailed(Problem):
    """The version named in If-Match is not the one that stands."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "precondition_failed"
    default_detail = _lazy("Somebody else changed this meanwhile.")


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
    faulty = isinstance(error, exceptions.ValidationError)
    response.data = _by_field(response) if faulty else _of_one_text(response, getattr(error, "members", {}))
    response.content_type = PROBLEM_TYPE
    return response


def plain_problem(status_code: int, detail: str = "", **members: Any) -> JsonResponse:
    """The same for what goes wrong before an API view is reached."""
    problem = problem_of(status_code, detail, **members)
    return JsonResponse(problem, status=status_code, content_type=PROBLEM_TYPE, headers={"Cache-Control": "no-store"})


def problem_of(status_code: int, detail: str = "", **members: Any) -> dict[str, Any]:
    """The members that every problem has, and those of this one."""
    problem: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status_code).phrase, "status": status_code}
    return {**problem, **({"detail": detail} if detail else {}), **members}


def _of_one_text(response: Response, members: dict[str, Any]) -> dict[str, Any]:
    given = response.data["detail"] if isinstance(response.data, dict) else response.data
    return problem_of(response.status_code, _text(given), **members)


def _by_field(response: Response) -> dict[str, Any]:
    errors: dict[str, list[str]] = {}
    for name, text in _messages(response.data, ""):
        if name in errors or len(errors) < _FIELDS_MAX:
            errors.setdefault(name, []).append(text)
    return problem_of(response.status_code, _("Some fields are not right."), errors=errors)


def _messages(given: Any, name: str) -> Iterator[tuple[str, str]]:
    """Every message with the path of its field, such as "address.zip"."""
    if isinstance(given, dict):
        for key, inner in given.items():
            own = str(key)[:_NAME_MAX]
            yield from _messages(inner, name if key == WITHOUT_FIELD and name else f"{name}.{own}" if name else own)
    elif isinstance(given, list):
        for inner in given:
            yield from _messages(inner, name)
    elif given:
        yield name or WITHOUT_FIELD, _text(given)


def _text(given: Any) -> str:
    quiet = _QUIET.get(given.code or "") if isinstance(given, ErrorDetail) else None
    return str(given if quiet is None else quiet)

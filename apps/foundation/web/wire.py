"""JSON in and out of the API: strict in what it takes, and quick."""

import json
from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


class BodyTooLarge(exceptions.APIException):
    """The body is longer than the address takes."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = _("The body is too long.")


class _NotStrict(ValueError):
    """JSON that two readers may read differently."""


class JsonParser(BaseParser):
    """Takes UTF-8 JSON of up to `settings.DATA_UPLOAD_MAX_MEMORY_SIZE` bytes; says where another text breaks.

    A key that stands twice in one object is refused, for readers differ in which of the two they believe.
    """

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """The value, or ParseError with the place and without the text."""
        limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise BodyTooLarge
        try:
            given = orjson.loads(body)
        except orjson.JSONDecodeError as fault:
            raise exceptions.ParseError(f"This is not JSON (line {fault.lineno}, column {fault.colno}).") from None
        try:
            json.loads(body, object_pairs_hook=_refuse_twins)
        except _NotStrict:
            raise exceptions.ParseError(_("A key stands twice in one object.")) from None
        except RecursionError:
            raise exceptions.ParseError(_("This is nested too deeply.")) from None
        return given


def _refuse_twins(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _value in pairs}) != len(pairs):
        raise _NotStrict


class JsonRenderer(BaseRenderer):
    """Writes times as ISO 8601 in UTC with a Z, to the second."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The bytes; nothing where there is no answer to write."""
        return b"" if data is None else orjson.dumps(data, default=_plain, option=_OPTIONS)


def _plain(value: Any) -> Any:
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, str):
        return str.__str__(value)
    raise TypeError(type(value).__name__)

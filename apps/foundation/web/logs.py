"""Keeps what people typed out of the log."""

import logging
import re
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

_QUERY = re.compile(r"\?[^\s\"']*")
_SECRETS = re.compile(
    r"(?i:\b(?:bearer|api-key|basic)\s+)[^\s\"',;]+"
    r"|\bvx[a-z]_[\w.~-]+"
    r"|\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*"
)
"""Tokens as they travel in headers, our own kinds wherever they stand, and what looks like a signed token."""


class QueryScrubber(logging.Filter):
    """Log lines lose the query of every address in them, and exceptions lose their text: both may hold PHI.

    They lose tokens too, and what follows in an address one of `secret_paths`: there the path itself is a secret.
    """

    def __init__(self, secret_paths: Iterable[str] = ()) -> None:
        super().__init__()
        starts = "|".join(re.escape(path) for path in secret_paths)
        self._secret_path = re.compile(rf"({starts})[^\s\"'?]+") if starts else None

    def filter(self, record: logging.LogRecord) -> bool:
        """True, after the line was put together: an argument may be a request, whose own text has the query too."""
        if not isinstance(record.msg, dict):
            record.msg = _without_text(record.msg)
            if isinstance(record.args, tuple):
                record.args = tuple(_without_text(one) for one in record.args)
            record.msg = self._without_secrets(record.getMessage())
            record.args = None
        if record.exc_info and record.exc_info[0] is not None:
            record.error_class = record.exc_info[0].__name__
            record.msg = f"{record.msg} [{record.exc_info[0].__name__} at {_where(record)}]"
            record.exc_info = None
            record.exc_text = None
        return True

    def _without_secrets(self, line: str) -> str:
        line = _SECRETS.sub("<secret>", _QUERY.sub("?...", line))
        return line if self._secret_path is None else self._secret_path.sub(r"\1<secret>", line)


class KnownKeys:
    """A step of structlog: of an event only what is known to be harmless is written; of the rest, that it was there."""

    def __init__(self, *names: str) -> None:
        self._names = frozenset(names)

    def __call__(self, logger: Any, method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        """The event, as it may be written."""
        return {name: value if name in self._names else "<not written>" for name, value in event.items()}


def _without_text(given: object) -> object:
    return type(given).__name__ if isinstance(given, BaseException) else given


def _where(record: logging.LogRecord) -> str:
    trace = record.exc_info[2] if record.exc_info else None
    place = "unknown"
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place

"""Keeps what people typed out of the log."""

import logging
import re

_QUERY = re.compile(r"\?[^\s\"']*")


class QueryScrubber(logging.Filter):
    """Log lines lose the query of every address in them, and exceptions lose their text: both may hold PHI."""

    def filter(self, record: logging.LogRecord) -> bool:
        """True, after the line was put together: an argument may be a request, whose own text has the query too."""
        if not isinstance(record.msg, dict):
            record.msg = _without_text(record.msg)
            if isinstance(record.args, tuple):
                record.args = tuple(_without_text(one) for one in record.args)
            record.msg = _QUERY.sub("?...", record.getMessage())
            record.args = None
        if record.exc_info and record.exc_info[0] is not None:
            record.error_class = record.exc_info[0].__name__
            record.msg = f"{record.msg} [{record.exc_info[0].__name__} at {_where(record)}]"
            record.exc_info = None
            record.exc_text = None
        return True


def _without_text(given: object) -> object:
    return type(given).__name__ if isinstance(given, BaseException) else given


def _where(record: logging.LogRecord) -> str:
    trace = record.exc_info[2] if record.exc_info else None
    place = "unknown"
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place

"""Keeps what people typed out of the log."""

import logging
import re

_QUERY = re.compile(r"\?[^\s\"']*")


class QueryScrubber(logging.Filter):
    """Log lines lose the query of every address in them, and exceptions lose their text: both may hold PHI."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, str):
            record.msg = _QUERY.sub("?...", record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_QUERY.sub("?...", arg) if isinstance(arg, str) else arg for arg in record.args)
        if record.exc_info and record.exc_info[0] is not None:
            record.error_class = record.exc_info[0].__name__
            record.msg = f"{record.msg} [{record.exc_info[0].__name__} at {_where(record)}]"
            record.exc_info = None
            record.exc_text = None
        return True


def _where(record: logging.LogRecord) -> str:
    trace = record.exc_info[2] if record.exc_info else None
    place = "unknown"
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place

"""Mail that leaves after the answer."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog
from django.core.mail import EmailMessage

_log = structlog.get_logger("mail")
_senders = ThreadPoolExecutor(max_workers=2, thread_name_prefix="mail")


def in_background(send: Callable[[], None]) -> None:
    """Runs it in a thread of its own."""
    _senders.submit(send)


def send_later(message: EmailMessage) -> None:
    """The mail leaves while the answer does.

    Nobody sees by the time or the status of an answer that there was somebody to write to. A mail that is lost is
    asked for again.
    """

    def send() -> None:
        try:
            message.send()
        except Exception as error:  # what a mail server says may repeat the address; only the kind of error is kept
            _log.warning("mail_failed", error=type(error).__name__)

    in_background(send)

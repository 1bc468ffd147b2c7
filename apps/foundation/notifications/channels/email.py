"""E-mail: the same fixed words, and at most a link to the sign-in of this installation."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from smtplib import SMTPRecipientsRefused

import orjson
from django.conf import settings
from django.core.mail import EmailMessage

from apps.foundation.notifications.channels.parcel import Parcel, Sender
from apps.foundation.notifications.rules import Answer, Verdict


def open_sender() -> AbstractContextManager[Sender] | None:
    """A sender, or None where no mail server is configured."""
    return _opened() if settings.PUSH["MAIL"] else None


@contextmanager
def _opened() -> Iterator[Sender]:
    yield _send


def _send(parcel: Parcel) -> tuple[Answer, str]:
    message = parcel.message
    subject, lines = f"Vantrexia: {message.title}", [message.body]
    if settings.PUSH["SITE_URL"]:
        lines.append(f"{settings.PUSH['SITE_URL'].rstrip('/')}/notifications/{message.id}/open/")
    text = "\n\n".join(lines)
    told = orjson.dumps({**message.codes, "subject": subject, "text": text}).decode()
    if not parcel.address:
        return Answer(Verdict.REFUSED, "NO_ADDRESS"), told
    # A program that reads mail for somebody does not answer, and a repeat is known by its id.
    headers = {"Auto-Submitted": "auto-generated", "Message-ID": f"<{message.id}@notifications.vantrexia>"}
    try:
        EmailMessage(subject, text, to=[parcel.address], headers=headers).send()
    except SMTPRecipientsRefused as refusal:
        is_final = all(code >= 500 for code, _words in refusal.recipients.values())
        return Answer(Verdict.REFUSED if is_final else Verdict.RETRY, "SMTPRecipientsRefused"), told
    except Exception as error:  # what a mail server says may repeat the address; only the kind of error is kept
        return Answer(Verdict.RETRY, type(error).__name__[:40]), told
    return Answer(Verdict.SENT, "OK"), told

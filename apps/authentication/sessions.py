"""The clocks inside a session: when it began, when its person last did something."""

from datetime import UTC, datetime
from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from apps.authentication.rules import activity_is_due, session_is_over

POLL_HEADER = "X-Vantrexia-Poll"
"""A request with this header was sent by a page on its own and is no activity of its reader."""

_STARTED = "signed_in_at"
_ACTIVE = "last_active_at"
_PRACTICE = "practice_id"


def start(session: SessionBase, now: datetime) -> None:
    """Both clocks begin now."""
    session[_STARTED] = session[_ACTIVE] = now.timestamp()


def is_over(session: SessionBase, now: datetime) -> bool:
    """Whether the session has reached a limit. One without clocks begins now."""
    if _STARTED not in session or _ACTIVE not in session:
        start(session, now)
    started, active = session[_STARTED], session[_ACTIVE]
    return session_is_over(now, datetime.fromtimestamp(started, UTC), datetime.fromtimestamp(active, UTC))


def touch(session: SessionBase, now: datetime) -> None:
    """The session remembers this activity, to the minute."""
    if activity_is_due(now, datetime.fromtimestamp(session[_ACTIVE], UTC)):
        session[_ACTIVE] = now.timestamp()


def practice_of(session: SessionBase) -> UUID | None:
    """The practice that the person chose in this session, or None."""
    chosen = session.get(_PRACTICE)
    return UUID(chosen) if chosen else None


def choose_practice(session: SessionBase, practice_id: UUID) -> None:
    """The person works in this practice from the next request of this session on."""
    session[_PRACTICE] = str(practice_id)


def address_of(request: HttpRequest) -> str:
    """The address the request came from, as the server in front of us reports it."""
    return str(request.META.get("REMOTE_ADDR", ""))

"""What a session holds: its clocks, the practice that was chosen, and the proof that the password has not changed."""

from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from apps.authentication.models import User
from apps.authentication.rules.sessions import activity_is_due, key_hash_of, why_over

POLL_HEADER = "X-Vantrexia-Poll"
"""A request with this header was sent by a page on its own and is no activity of its reader."""

_STARTED = "signed_in_at"
_ACTIVE = "last_active_at"
_PRACTICE = "practice_id"


def start(session: SessionBase, now: datetime) -> None:
    """Both clocks begin now."""
    session[_STARTED] = session[_ACTIVE] = now.timestamp()


def why_ended(session: SessionBase, now: datetime) -> str:
    """Which limit the session has reached, or "". One without clocks begins now."""
    if _STARTED not in session or _ACTIVE not in session:
        start(session, now)
    started, active = session[_STARTED], session[_ACTIVE]
    return why_over(now, datetime.fromtimestamp(started, UTC), datetime.fromtimestamp(active, UTC))


def is_due(session: SessionBase, now: datetime) -> bool:
    """Whether this activity is to be written."""
    return activity_is_due(now, datetime.fromtimestamp(session[_ACTIVE], UTC))


def touch(session: SessionBase, now: datetime) -> None:
    """The session remembers this activity."""
    session[_ACTIVE] = now.timestamp()


def key_hash(session: SessionBase) -> str:
    """Under which hash the register knows the session; empty for one that was never stored."""
    return key_hash_of(session.session_key) if session.session_key else ""


def person_in(session: SessionBase) -> UUID | None:
    """Whose session it says to be, before anything was checked."""
    try:
        return UUID(session[SESSION_KEY]) if session[BACKEND_SESSION_KEY] in settings.AUTHENTICATION_BACKENDS else None
    except (KeyError, ValueError):
        return None


def is_proven(session: SessionBase, user: User) -> bool:
    """Whether the session began under the password that the person still has, as Django checks it.

    After a change of SECRET_KEY one that is listed in SECRET_KEY_FALLBACKS counts, and the session learns the new.
    """
    said = session.get(HASH_SESSION_KEY) or ""
    expected = user.get_session_auth_hash()
    if constant_time_compare(said, expected):
        return True
    if any(constant_time_compare(said, older) for older in user.get_session_auth_fallback_hash()):
        session[HASH_SESSION_KEY] = expected
        return True
    return False


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

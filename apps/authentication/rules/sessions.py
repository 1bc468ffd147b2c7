"""When a session is over: pure decisions."""

from datetime import datetime, timedelta

from apps.authentication.rules.secrets import hash_of
from apps.authentication.types.sessions import EndReason

IDLE_LIMIT = timedelta(minutes=30)
"""A session without activity ends after this long (requirements AUT-12)."""

ABSOLUTE_LIMIT = timedelta(hours=12)
"""A session ends this long after sign-in, however busy (NIST SP 800-63B, AAL2)."""

KEPT_AFTER_END = timedelta(days=30)
"""How long the row of an ended sign-in stays: a token found somewhere weeks later still tells whose it was.

The trail keeps for good that the sign-in was. What the cache holds of a session is gone when the session is.
"""

ACTIVITY_RESOLUTION = timedelta(minutes=1)
"""Activity is written to the session at most this often."""

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def session_is_over(now: datetime, signed_in_at: datetime, last_active_at: datetime) -> bool:
    """True from the moment the idle limit or the absolute limit is reached."""
    return bool(why_over(now, signed_in_at, last_active_at))


def why_over(now: datetime, signed_in_at: datetime, last_active_at: datetime) -> str:
    """Which limit was reached, as an EndReason; "" before."""
    if now - signed_in_at >= ABSOLUTE_LIMIT:
        return EndReason.TOO_OLD
    return EndReason.IDLE if now - last_active_at >= IDLE_LIMIT else ""


def activity_is_due(now: datetime, last_active_at: datetime) -> bool:
    """True when this activity is far enough from the last written one to be written."""
    return now - last_active_at >= ACTIVITY_RESOLUTION


def key_hash_of(session_key: str) -> str:
    """What is kept of a session's key; the browser alone has the key itself."""
    return hash_of(session_key)


def browser_named(user_agent: str) -> str:
    """ "Firefox on Windows", as far as a User-Agent tells; only these words are kept of it."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return " · ".join(part for part in (browser, system) if part)


def cache_key_of(key_hash: str) -> str:
    """Under which name a session lies in the cache."""
    return f"session:{key_hash}"

"""What the answer of a push service means: pure. Sources: integrations.md part 4 and RFC 8030."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What follows from an answer."""

    SENT = "sent"
    RETRY = "retry"
    """The same again later: the service is busy, or our own key is in trouble."""
    RETIRE = "retire"
    """The token is dead: nothing more goes there."""
    REFUSED = "refused"
    """This message will never be taken; the token is as good as before."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `code` is the service's own word, out of its catalogue; anything else is kept out of the log.

    `dead_since` is when the token died, as APNs says; `renew` asks for a new key of ours before the next try.
    """

    verdict: Verdict
    code: str
    status: int | None = None
    retry_after: int = 0
    dead_since: datetime | None = None
    renew: bool = False


UNREACHABLE = Answer(Verdict.RETRY, "UNREACHABLE")
_BUSY = frozenset({429, 500, 502, 503, 504})

_FCM_CODES = frozenset(
    [
        "UNREGISTERED",
        "SENDER_ID_MISMATCH",
        "INVALID_ARGUMENT",
        "QUOTA_EXCEEDED",
        "UNAVAILABLE",
        "INTERNAL",
        "THIRD_PARTY_AUTH_ERROR",
        "UNAUTHENTICATED",
        "PERMISSION_DENIED",
        "NOT_FOUND",
    ]
)
_APNS_CODES = frozenset(
    [
        "BadCollapseId",
        "BadDeviceToken",
        "BadExpirationDate",
        "BadMessageId",
        "BadPriority",
        "BadTopic",
        "DeviceTokenNotForTopic",
        "DuplicateHeaders",
        "IdleTimeout",
        "InvalidPushType",
        "MissingDeviceToken",
        "MissingTopic",
        "PayloadEmpty",
        "TopicDisallowed",
        "ExpiredProviderToken",
        "Forbidden",
        "InvalidProviderToken",
        "MissingProviderToken",
        "UnrelatedKeyIdInToken",
        "BadEnvironmentKeyIdInToken",
        "BadPath",
        "MethodNotAllowed",
        "ExpiredToken",
        "Unregistered",
        "PayloadTooLarge",
        "TooManyProviderTokenUpdates",
        "TooManyRequests",
        "InternalServerError",
        "ServiceUnavailable",
        "Shutdown",
    ]
)


def fcm_answer(status: int, code: str, *, violates_field: bool = False, retry_after: int = 0) -> Answer:
    """FCM HTTP v1. `code` is the FcmError's errorCode, else the status' name.

    INVALID_ARGUMENT speaks of the token, unless a field of the body is named as wrong: then the fault is ours.
    """
    code = code if code in _FCM_CODES else f"HTTP_{status}"
    if 200 <= status < 300:
        return Answer(Verdict.SENT, "OK", status)
    if code in {"UNREGISTERED", "SENDER_ID_MISMATCH"} or (code == "INVALID_ARGUMENT" and not violates_field):
        return Answer(Verdict.RETIRE, code, status)
    if status in _BUSY:
        return Answer(Verdict.RETRY, code, status, retry_after)
    if status in {401, 403}:
        return Answer(Verdict.RETRY, code, status, retry_after, renew=code != "THIRD_PARTY_AUTH_ERROR")
    return Answer(Verdict.REFUSED, code, status)


def apns_answer(status: int, reason: str, *, timestamp_ms: int | None = None, retry_after: int = 0) -> Answer:
    """APNs. `timestamp_ms` says since when a token is dead: one that was registered again afterwards lives."""
    code = reason if reason in _APNS_CODES else f"HTTP_{status}"
    if status == 200:
        return Answer(Verdict.SENT, "OK", status)
    if status == 410 or code in {"BadDeviceToken", "DeviceTokenNotForTopic"}:
        since = None if timestamp_ms is None else datetime.fromtimestamp(timestamp_ms / 1000, UTC)
        return Answer(Verdict.RETIRE, code, status, dead_since=since)
    if status in _BUSY:
        return Answer(Verdict.RETRY, code, status, retry_after)
    if status == 403:
        return Answer(Verdict.RETRY, code, status, renew=code in {"ExpiredProviderToken", "InvalidProviderToken"})
    return Answer(Verdict.REFUSED, code, status)


def web_push_answer(status: int, *, retry_after: int = 0) -> Answer:
    """A push service of a browser (RFC 8030): its words are not ours to repeat, so the status alone is kept."""
    code = f"HTTP_{status}"
    if 200 <= status < 300:
        return Answer(Verdict.SENT, "OK", status)
    if status in {404, 410}:
        return Answer(Verdict.RETIRE, code, status)
    if status in _BUSY:
        return Answer(Verdict.RETRY, code, status, retry_after)
    return Answer(Verdict.REFUSED, code, status)


def seconds_of(retry_after: str, now: datetime) -> int:
    """A Retry-After header in seconds: a number, or a date (RFC 9110, 10.2.3); 0 for anything else."""
    text = retry_after.strip()
    if text.isdecimal() and len(text) < 7:
        return int(text)
    try:
        moment = datetime.strptime(text, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    except ValueError:
        return 0
    return max(0, int((moment - now).total_seconds()))

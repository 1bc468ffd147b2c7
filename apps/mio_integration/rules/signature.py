"""Is this webhook from MioConnect, and is it fresh?

Source: contract 1.0, `X-MioConnect-Signature: v1=<hex HMAC-SHA256(secret, timestamp + "." + raw body)>`, a comma
list while a secret rotates; `X-MioConnect-Timestamp` in unix seconds, at most five minutes from our clock.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence

from apps.mio_integration.types import SignatureVerdict

SCHEME = b"v1="
MOST_SIGNATURES = 5
_TIMESTAMP = re.compile(r"[0-9]{10}")


def sign(*, secret: bytes, timestamp: str, body: bytes) -> bytes:
    """Return one element of the signature header for this body at this moment."""
    return SCHEME + hmac.new(secret, timestamp.encode("ascii") + b"." + body, hashlib.sha256).hexdigest().encode(
        "ascii"
    )


def judge_signature(
    *, body: bytes, timestamp: str, signatures: str, secrets: Sequence[bytes], now: float, tolerance_seconds: int
) -> SignatureVerdict:
    """Return whether any offered signature fits any active secret, and then whether the timestamp is fresh.

    Anything malformed (a missing header, "nan", "1e3", letters outside ASCII) is a bad signature. Every pair of
    offered and expected signature is compared, in constant time each.
    """
    if not _TIMESTAMP.fullmatch(timestamp):
        return SignatureVerdict.BAD_SIGNATURE
    try:
        offered = [part.strip() for part in signatures.encode("ascii").split(b",")][:MOST_SIGNATURES]
    except UnicodeEncodeError:
        return SignatureVerdict.BAD_SIGNATURE
    genuine = False
    for secret in secrets:
        expected = sign(secret=secret, timestamp=timestamp, body=body)
        for candidate in offered:
            genuine |= hmac.compare_digest(candidate, expected)
    if not genuine:
        return SignatureVerdict.BAD_SIGNATURE
    if abs(now - int(timestamp)) > tolerance_seconds:
        return SignatureVerdict.STALE_TIMESTAMP
    return SignatureVerdict.VALID

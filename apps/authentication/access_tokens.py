"""Access tokens as text: HS256 JSON Web Tokens under a secret derived from the root keys, each of which still opens."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import jwt

from apps.authentication.types import AccessClaims, TokenRefused
from apps.foundation.encryption.services import derived_secrets

_PURPOSE = "access-token-v1"
_ALGORITHM = "HS256"
_TYPE = "access"
_CLAIMS = ["typ", "sub", "fam", "prc", "iat", "exp", "jti"]
_LONGEST = 2_000


def write(claims: AccessClaims, *, now: datetime, expires_at: datetime) -> str:
    """The token that says so until then."""
    payload = {
        "typ": _TYPE,
        "sub": str(claims.user_id),
        "fam": str(claims.family_id),
        "prc": str(claims.practice_id),
        "iat": int(now.timestamp()),
        "exp": int(expires_at.timestamp()),
        "jti": uuid4().hex,
    }
    return jwt.encode(payload, derived_secrets(_PURPOSE)[0], algorithm=_ALGORITHM)


def read(token: str, *, now: datetime) -> AccessClaims:
    """What the token says. Raises TokenRefused for any that we did not write, or that is over."""
    if len(token) > _LONGEST:
        raise TokenRefused("malformed")
    for secret in derived_secrets(_PURPOSE):
        try:
            return _checked(jwt.decode(token, secret, algorithms=[_ALGORITHM], options=_OPTIONS), now)
        except jwt.InvalidSignatureError:
            continue
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError):
            break
    raise TokenRefused("malformed")


# The clock is the caller's, so that a test may turn it.
_OPTIONS: Any = {"require": _CLAIMS, "verify_exp": False, "verify_iat": False, "verify_sub": False}


def _checked(payload: dict[str, Any], now: datetime) -> AccessClaims:
    if payload["typ"] != _TYPE or type(payload["exp"]) is not int:
        raise ValueError
    if now.timestamp() >= payload["exp"]:
        raise TokenRefused("expired")
    return AccessClaims(UUID(payload["sub"]), UUID(payload["fam"]), UUID(payload["prc"]))

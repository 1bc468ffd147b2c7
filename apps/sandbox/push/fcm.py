"""Firebase Cloud Messaging, HTTP v1 (firebase.google.com: REST reference, error codes), and Google's token endpoint."""

import re
import secrets
import time
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from apps.sandbox.push.wire import Answer, Ledger, Request

PROJECT = "vantrexia-sandbox"
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
LARGEST = 4096
_MESSAGE = {"name", "token", "notification", "data", "android", "apns", "webpush", "fcm_options"}
_ANDROID = {"collapse_key", "priority", "ttl", "restricted_package_name", "data", "notification", "direct_boot_ok"}
_RESERVED = re.compile(r"^(from|message_type|google.*|gcm.*|collapse_key)$")


class Firebase:
    """The project and its one service account."""

    def __init__(self, base: str, ledger: Ledger) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._ledger, self._uri = ledger, f"{base}/token"
        self._tokens: dict[str, float] = {}

    def account(self) -> dict[str, str]:
        """The JSON that the console gives out."""
        pem = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        return {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": "sandbox-key",
            "private_key": pem,
            "client_email": f"push@{PROJECT}.iam.gserviceaccount.com",
            "token_uri": self._uri,
        }

    def token(self, request: Request) -> Answer:
        """An access token for an hour, for a right assertion (RFC 7523)."""
        form = parse_qs(request.body.decode())
        try:
            claims = jwt.decode(
                form["assertion"][0],
                self._key.public_key(),
                ["RS256"],
                audience=self._uri,
                options={"require": ["iss", "iat", "exp", "aud"]},
            )
            right = form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
            right = right and claims["scope"] == SCOPE and claims["exp"] - claims["iat"] <= 3600
        except (jwt.PyJWTError, KeyError):
            right = False
        if not right:
            return Answer(400, {"error": "invalid_grant"})
        token = secrets.token_urlsafe(24)
        self._tokens[token] = time.time() + 3600
        return Answer(200, {"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    def send(self, request: Request) -> Answer:
        """messages:send."""
        forced = self._ledger.next_of("fcm")
        body = request.json()
        self._ledger.received.append({"service": "fcm", "body": body, "forced": forced is not None})
        if forced:
            return forced
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(bearer, 0) < time.time():
            return _error(401, "UNAUTHENTICATED")
        if request.path != f"/v1/projects/{PROJECT}/messages:send":
            return _error(403, "PERMISSION_DENIED")
        wrong = _wrong_field(body)
        if wrong or len(request.body) > LARGEST:
            violation = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": wrong}]}
            return _error(400, "INVALID_ARGUMENT", violation)
        fate = self._ledger.fates.get(body["message"]["token"])
        if fate:
            return _error(fate["status"], fate["code"], _fcm_error(fate["code"]))
        self._ledger.received[-1]["taken"] = True
        return Answer(200, {"name": f"projects/{PROJECT}/messages/{secrets.token_hex(8)}"})


def _wrong_field(body: Any) -> str:
    message = body.get("message") if isinstance(body, dict) else None
    if not isinstance(message, dict) or set(body) - {"message", "validate_only"}:
        return "message"
    if set(message) - _MESSAGE or not message.get("token"):
        return "message"
    data = message.get("data", {})
    if any(not isinstance(value, str) or _RESERVED.match(name) for name, value in data.items()):
        return "message.data"
    android = message.get("android", {})
    if set(android) - _ANDROID or android.get("priority", "HIGH") not in {"HIGH", "NORMAL"}:
        return "message.android"
    return "" if re.fullmatch(r"\d+(\.\d{1,9})?s", android.get("ttl", "0s")) else "message.android.ttl"


def _fcm_error(code: str) -> dict[str, str]:
    return {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code}


def _error(status: int, code: str, *details: dict[str, Any]) -> Answer:
    return Answer(status, {"error": {"code": status, "status": code, "message": "refused", "details": list(details)}})

"""Apple's push service (developer.apple.com: sending notification requests, handling notification responses)."""

import re
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from apps.sandbox.push.wire import Answer, Ledger, Request

TEAM, KEY_ID, TOPIC = "TEAM123456", "GSZ5ZQQ6L2", "com.vantrexia.app"
LARGEST = 4096
_TYPES = {"alert", "background", "voip", "complication", "fileprovider", "mdm", "location", "liveactivity"}


class Apple:
    """One team with one key and one app."""

    def __init__(self, ledger: Ledger) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._ledger = ledger

    def account(self) -> dict[str, str]:
        """What the developer's page gives out: the text of AuthKey_<id>.p8, and the names beside it."""
        pem = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        return {"key": pem, "key_id": KEY_ID, "team_id": TEAM, "topic": TOPIC}

    def send(self, request: Request) -> Answer:
        """POST /3/device/<token>."""
        token = request.path.removeprefix("/3/device/")
        forced = self._ledger.next_of("apns")
        kept = {name: request.headers.get(name) for name in request.headers if name.startswith("apns-")}
        self._ledger.received.append(
            {"service": "apns", "token": token, "body": request.json(), "headers": kept, "forced": forced is not None}
        )
        if forced:
            return forced
        reason = self._refusal(request, token)
        if reason:
            return Answer(reason[0], {"reason": reason[1]})
        fate = self._ledger.fates.get(token)
        if fate:
            more = {"timestamp": fate["timestamp"]} if "timestamp" in fate else {}
            return Answer(fate["status"], {"reason": fate["code"], **more})
        self._ledger.received[-1]["taken"] = True
        return Answer(200, None, {"apns-id": "00000000-0000-0000-0000-000000000000"})

    def _refusal(self, request: Request, token: str) -> tuple[int, str] | None:
        headers = request.headers
        if not request.version.startswith("2"):
            return 405, "MethodNotAllowed"
        why = self._wrong_key(headers.get("authorization", ""))
        if why:
            return 403, why
        body = request.json()
        checks = (
            (len(request.body) > LARGEST, 413, "PayloadTooLarge"),
            (not isinstance(body, dict) or "aps" not in body, 400, "PayloadEmpty"),
            (headers.get("apns-topic") != TOPIC, 400, "BadTopic"),
            (headers.get("apns-push-type") not in _TYPES, 400, "InvalidPushType"),
            (headers.get("apns-priority") not in {"1", "5", "10"}, 400, "BadPriority"),
            (not headers.get("apns-expiration", "0").isdecimal(), 400, "BadExpirationDate"),
            (len(headers.get("apns-collapse-id", "").encode()) > 64, 400, "BadCollapseId"),
            (not re.fullmatch("[0-9a-f]{64,200}", token), 400, "BadDeviceToken"),
        )
        return next(((status, reason) for wrong, status, reason in checks if wrong), None)

    def _wrong_key(self, authorization: str) -> str:
        token = authorization.removeprefix("bearer ")
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            claims = jwt.decode(token, self._key.public_key(), ["ES256"], options={"require": ["iss", "iat"]})
        except jwt.PyJWTError:
            return "InvalidProviderToken"
        if kid != KEY_ID or claims["iss"] != TEAM:
            return "InvalidProviderToken"
        return "ExpiredProviderToken" if time.time() - claims["iat"] > 3600 else ""

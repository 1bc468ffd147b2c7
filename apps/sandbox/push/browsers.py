"""A browser with its push service: RFC 8030, 8188, 8291 and 8292, from the side that receives."""

import base64
import json
import re
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

import jwt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from apps.sandbox.push.wire import Answer, Ledger, Request

LARGEST = 4096


class Browsers:
    """Browsers that subscribed here."""

    def __init__(self, base: str, ledger: Ledger) -> None:
        self._base, self._ledger = base, ledger
        self._subscribed: dict[str, tuple[ec.EllipticCurvePrivateKey, bytes]] = {}

    def subscribe(self) -> dict[str, str]:
        """A subscription as the browser hands it to the page's script."""
        name, key, auth = secrets.token_urlsafe(12), ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(16)
        self._subscribed[name] = (key, auth)
        return {"endpoint": f"{self._base}/push/{name}", "p256dh": _text(_point(key)), "auth": _text(auth)}

    def send(self, request: Request) -> Answer:
        """POST to an endpoint."""
        name = request.path.removeprefix("/push/")
        forced = self._ledger.next_of("web_push")
        entry: dict[str, Any] = {
            "service": "web_push",
            "token": name,
            "headers": request.headers,
            "forced": bool(forced),
        }
        self._ledger.received.append(entry)
        if forced:
            return forced
        if name in self._ledger.fates or name not in self._subscribed:
            return Answer(self._ledger.fates.get(name, {"status": 404})["status"])
        status = self._refusal(request)
        if status:
            return Answer(status)
        key, auth = self._subscribed[name]
        try:
            entry["body"] = json.loads(_open(request.body, key, auth))
        except (InvalidTag, ValueError) as fault:
            entry["broken"] = type(fault).__name__
            return Answer(400)
        entry["taken"] = True
        return Answer(201, None, {"location": f"{self._base}/message/{secrets.token_urlsafe(8)}"})

    def _refusal(self, request: Request) -> int:
        headers = request.headers
        if headers.get("content-encoding") != "aes128gcm" or not headers.get("ttl", "").isdecimal():
            return 400
        if headers.get("urgency", "normal") not in {"very-low", "low", "normal", "high"}:
            return 400
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,32}", headers.get("topic", "")):
            return 400
        if len(request.body) > LARGEST:
            return 413
        return 0 if self._is_known(headers.get("authorization", "")) else 403

    def _is_known(self, authorization: str) -> bool:
        found = re.fullmatch(r"vapid t=([^,]+), ?k=([A-Za-z0-9_-]+)", authorization)
        if not found:
            return False
        parts = urlsplit(self._base)
        try:
            key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(found[2]))
            claims = jwt.decode(found[1], key, ["ES256"], audience=f"{parts.scheme}://{parts.netloc}")
        except (jwt.PyJWTError, ValueError):
            return False
        return claims["exp"] <= time.time() + 86_400 and str(claims.get("sub", "")).startswith(("mailto:", "https:"))


def _open(body: bytes, key: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    salt, length = body[:16], body[20]
    sender, sealed = body[21 : 21 + length], body[21 + length :]
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
    secret = _derive(auth, shared, b"WebPush: info\x00" + _point(key) + sender, 32)
    opened = AESGCM(_derive(salt, secret, b"Content-Encoding: aes128gcm\x00", 16)).decrypt(
        _derive(salt, secret, b"Content-Encoding: nonce\x00", 12), sealed, None
    )
    plain = opened.rstrip(b"\x00")
    if not plain.endswith(b"\x02"):
        raise ValueError("the last record is not marked")
    return plain[:-1]


def _derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=salt, info=info).derive(secret)


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

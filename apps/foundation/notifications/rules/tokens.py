"""Whether a registration can be one that a push service gave: pure."""

import base64
import binascii
import re
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from apps.foundation.notifications.types import Channel, WrongDestination

MAX_TOKEN = 4096
LOOPBACK = frozenset({"127.0.0.1", "localhost"})
_FCM = re.compile(r"[A-Za-z0-9_:.\-]{20,4096}")
_APNS = re.compile(r"(?:[0-9a-fA-F]{2}){32,100}")
_HOST = re.compile(r"[a-z0-9.\-]+")
_PUBLIC_KEY_BYTES, _AUTH_BYTES = 65, 16
_UNCOMPRESSED = b"\x04"


def check_token(channel: Channel, token: str) -> str:
    """The token of an app as it is kept. Raises WrongDestination for what FCM or APNs never gives."""
    pattern = {Channel.FCM: _FCM, Channel.APNS: _APNS}.get(channel)
    if pattern is None or not pattern.fullmatch(token):
        raise WrongDestination("token")
    return token.lower() if channel is Channel.APNS else token


def check_subscription(given: Mapping[str, str], hosts: Collection[str]) -> dict[str, str]:
    """The subscription of a browser as it is kept. Raises WrongDestination.

    The endpoint is an address that we shall call, named by a visitor: it lies at one of the known push services, or
    this server could be made to knock at doors inside its own network.
    """
    endpoint = given.get("endpoint", "")
    if len(endpoint) > MAX_TOKEN or not is_push_service(endpoint, hosts):
        raise WrongDestination("endpoint")
    public = from_base64url(given.get("p256dh", ""))
    if len(public) != _PUBLIC_KEY_BYTES or not public.startswith(_UNCOMPRESSED):
        raise WrongDestination("p256dh")
    if len(from_base64url(given.get("auth", ""))) != _AUTH_BYTES:
        raise WrongDestination("auth")
    return {"endpoint": endpoint, "p256dh": given["p256dh"], "auth": given["auth"]}


def is_push_service(endpoint: str, hosts: Collection[str]) -> bool:
    """Whether the address lies at one of `hosts`; a name with a dot in front stands for all below it.

    Only over TLS on its own port; a stand-in on this machine, where it is named, may do without.
    """
    try:
        parts = urlsplit(endpoint)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    if "@" in parts.netloc or not _HOST.fullmatch(host) or any(ord(sign) < 33 for sign in endpoint):
        return False
    if host in LOOPBACK:
        return host in hosts and parts.scheme in {"http", "https"}
    known = any(host == one or (one.startswith(".") and host.endswith(one)) for one in hosts)
    return known and parts.scheme == "https" and port in {None, 443}


def from_base64url(text: str) -> bytes:
    """The bytes of base64url without padding; empty for what is none."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def to_base64url(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

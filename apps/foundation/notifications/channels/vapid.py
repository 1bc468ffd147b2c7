"""The key by which push services of browsers know this installation."""

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from apps.foundation.encryption.services import derived_secrets
from apps.foundation.notifications.rules import from_base64url, to_base64url

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256 (FIPS 186-4, D.1.2.3)."""


def public_key() -> str:
    """What a browser is given when it subscribes, base64url."""
    return public_text(_keys()[0])


def key_for(subscribed_with: str) -> ec.EllipticCurvePrivateKey:
    """The key whose public half a browser subscribed with; the one in force where that is not known any more."""
    keys = _keys()
    return next((key for key in keys if public_text(key) == subscribed_with), keys[0])


def public_text(key: ec.EllipticCurvePrivateKey) -> str:
    """The public half, base64url."""
    return to_base64url(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def _keys() -> list[ec.EllipticCurvePrivateKey]:
    """The configured key, then one from each root key: so a browser stays known while root keys change."""
    configured = from_base64url(settings.PUSH["VAPID_PRIVATE_KEY"])
    numbers = [int.from_bytes(configured, "big")] if configured else []
    numbers += [int.from_bytes(secret, "big") % (_ORDER - 1) + 1 for secret in derived_secrets("vapid")]
    return [ec.derive_private_key(number, ec.SECP256R1()) for number in numbers]

"""AES-256-GCM tokens: `vx1.` + base64url(version, key number, nonce, ciphertext and tag)."""

import base64
import binascii
import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from apps.foundation.encryption.types import BrokenSeal

PREFIX = "vx1."
_STANDARD_ALPHABET = bytes.maketrans(b"-_+/", b"+/!!")
"""From the alphabet that is safe in addresses to the one that the decoder knows; its own two signs are no token's."""
_VERSION = 1
_HEADER = struct.Struct(">BI")
_NONCE_BYTES = 12
_SMALLEST = _HEADER.size + _NONCE_BYTES + 16


def seal(aead: AESGCM, key_number: int, plaintext: bytes, context: bytes) -> str:
    """A token that opens only with the same key and the same context."""
    header = _HEADER.pack(_VERSION, key_number)
    nonce = os.urandom(_NONCE_BYTES)
    body = header + nonce + aead.encrypt(nonce, plaintext, header + context)
    return PREFIX + base64.urlsafe_b64encode(body).decode("ascii")


def read_token(token: str) -> tuple[int, bytes]:
    """The key number and the decoded body of a token. Raises BrokenSeal for anything that is not one."""
    if not isinstance(token, str) or not token.startswith(PREFIX):
        raise BrokenSeal("the stored text is not a token")
    try:
        text = token.encode("ascii").translate(_STANDARD_ALPHABET)
        body = binascii.a2b_base64(text[len(PREFIX) :], strict_mode=True)
    except ValueError:
        raise BrokenSeal("the token is not base64url") from None
    if len(body) < _SMALLEST:
        raise BrokenSeal("the token is too short")
    version, key_number = _HEADER.unpack_from(body)
    if version != _VERSION:
        raise BrokenSeal("the token's version is unknown")
    return key_number, body


def number_of(token: str) -> int:
    """The key number of a token, without decoding the rest. Raises BrokenSeal for anything that is not one."""
    if not isinstance(token, str) or not token.startswith(PREFIX):
        raise BrokenSeal("the stored text is not a token")
    try:
        head = base64.urlsafe_b64decode(token[len(PREFIX) : len(PREFIX) + 8])
        number: int = _HEADER.unpack_from(head)[1]
    except (ValueError, struct.error):
        raise BrokenSeal("the token is not base64url") from None
    return number


def open_body(aead: AESGCM, body: bytes, context: bytes) -> bytes:
    """The plaintext of a decoded token. Raises BrokenSeal when key, context or bytes do not fit."""
    header = body[: _HEADER.size]
    nonce = body[_HEADER.size : _HEADER.size + _NONCE_BYTES]
    try:
        return aead.decrypt(nonce, body[_HEADER.size + _NONCE_BYTES :], header + context)
    except InvalidTag:
        raise BrokenSeal("the token does not open in this place") from None

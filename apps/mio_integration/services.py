"""The doors of the MioConnect contract. Nothing here writes; every function is a decision over the configuration."""

import time
from collections.abc import Sequence

from django.conf import settings

from apps.mio_integration.rules.payload import read_envelope as read_parsed_envelope
from apps.mio_integration.rules.payload import read_json, read_list
from apps.mio_integration.rules.readings import parse_reading
from apps.mio_integration.rules.signature import judge_signature
from apps.mio_integration.types import Envelope, ParsedReading, RejectedReading, SignatureVerdict


def verify_signature(*, body: bytes, timestamp: str, signatures: str, now: float | None = None) -> SignatureVerdict:
    """Return whether the raw body was signed with an active secret within the tolerance of our clock."""
    return judge_signature(
        body=body,
        timestamp=timestamp,
        signatures=signatures,
        secrets=[secret.encode("utf-8") for secret in settings.MIO_WEBHOOK_SECRETS],
        now=time.time() if now is None else now,
        tolerance_seconds=settings.MIO_WEBHOOK_TOLERANCE_SECONDS,
    )


def read_envelope(*, body: bytes) -> Envelope:
    """Return the envelope with ids and serials only.

    Raises BrokenPayload when the body is not strict JSON and InvalidEnvelope, with the field, when it is not a
    delivery of the contract.
    """
    return read_parsed_envelope(read_json(body))


def parse_readings(*, body: bytes) -> Sequence[ParsedReading | RejectedReading]:
    """Return every reading of a stored delivery in its order; one bad reading doesn't spoil the others.

    Raises BrokenPayload or InvalidEnvelope when the body is not a delivery at all.
    """
    return [parse_reading(position, item) for position, item in enumerate(read_list(read_json(body)))]


def wrap_reading(*, raw: str) -> str:
    """Return a body that holds this one raw reading, for `parse_readings` to read again."""
    return f'{{"readings":[{raw}]}}'

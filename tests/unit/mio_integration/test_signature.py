"""The signature of contract 1.0, header by header."""

import hmac

import pytest

from apps.mio_integration.rules import signature as rules
from apps.mio_integration.types import SignatureVerdict
from tests.payloads import mioconnect

NOW = 1_790_000_000.0
STAMP = "1790000000"
BODY = b'{"a":1}'
CURRENT, PREVIOUS = "current-secret-of-thirty-two-bytes!", "previous-secret-of-thirty-two-byte"


def judge(
    timestamp: str = STAMP, signatures: str | None = None, body: bytes = BODY, now: float = NOW
) -> SignatureVerdict:
    if signatures is None:
        signatures = mioconnect.signature(BODY, secret=CURRENT, timestamp=timestamp)
    return rules.judge_signature(
        body=body,
        timestamp=timestamp,
        signatures=signatures,
        secrets=[CURRENT.encode(), PREVIOUS.encode()],
        now=now,
        tolerance_seconds=300,
    )


def test_a_known_vector() -> None:
    signed = rules.sign(secret=b"key", timestamp="1700000000", body=b"{}")
    assert signed == b"v1=" + hmac.new(b"key", b"1700000000.{}", "sha256").hexdigest().encode()


@pytest.mark.parametrize("now", [NOW, NOW + 300, NOW - 300])
def test_fresh_and_genuine(now: float) -> None:
    assert judge(now=now) is SignatureVerdict.VALID


@pytest.mark.parametrize("now", [NOW + 301, NOW - 301])
def test_five_minutes_and_a_second_is_stale_both_ways(now: float) -> None:
    assert judge(now=now) is SignatureVerdict.STALE_TIMESTAMP


def test_the_previous_secret_is_good_during_rotation() -> None:
    assert judge(signatures=mioconnect.signature(BODY, secret=PREVIOUS, timestamp=STAMP)) is SignatureVerdict.VALID


def test_one_good_signature_of_a_list_is_enough() -> None:
    good = mioconnect.signature(BODY, secret=PREVIOUS, timestamp=STAMP)
    assert judge(signatures=f"v1={'0' * 64}, {good}") is SignatureVerdict.VALID


def test_a_long_list_is_cut_so_that_it_costs_nothing() -> None:
    good = mioconnect.signature(BODY, secret=CURRENT, timestamp=STAMP)
    assert judge(signatures=",".join(["v1=00"] * 5 + [good])) is SignatureVerdict.BAD_SIGNATURE


@pytest.mark.parametrize(
    "timestamp",
    ["", "nan", "1e3", "-179000000", "179000000", "17900000000", "1790000000\n", "١٧٩٠٠٠٠٠٠٠", "0x6ab13b80", "inf"],
)
def test_a_timestamp_is_ten_ascii_digits(timestamp: str) -> None:
    assert judge(timestamp=timestamp, signatures="v1=" + "0" * 64) is SignatureVerdict.BAD_SIGNATURE


@pytest.mark.parametrize(
    "signatures", ["", "v1=", "v1=é", "ñ" * 67, "v0=" + "0" * 64, "v1=" + "0" * 63, ",,,", "v1=" + "0" * 64]
)
def test_no_other_header_passes_or_breaks(signatures: str) -> None:
    assert judge(signatures=signatures) is SignatureVerdict.BAD_SIGNATURE


def test_the_scheme_is_part_of_the_signature() -> None:
    bare = mioconnect.signature(BODY, secret=CURRENT, timestamp=STAMP).removeprefix("v1=")
    assert judge(signatures=bare) is SignatureVerdict.BAD_SIGNATURE


def test_body_and_timestamp_are_both_signed() -> None:
    assert judge(body=BODY + b" ") is SignatureVerdict.BAD_SIGNATURE
    assert (
        judge(timestamp="1790000001", signatures=mioconnect.signature(BODY, secret=CURRENT, timestamp=STAMP))
        is SignatureVerdict.BAD_SIGNATURE
    )


def test_wrong_length_still_reaches_the_constant_time_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def watched(left: bytes, right: bytes) -> bool:
        compared.append((left, right))
        return False

    monkeypatch.setattr(rules.hmac, "compare_digest", watched)
    judge(signatures="v1=0")
    assert len(compared) == 2
    assert all(isinstance(left, bytes) and isinstance(right, bytes) for left, right in compared)

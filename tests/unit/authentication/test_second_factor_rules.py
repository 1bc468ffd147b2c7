"""Codes of apps and recovery codes."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.authentication.rules import second_factor as rules

SECRET = b"12345678901234567890"
NOW = 50_000_000


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_of_rfc_6238(seconds, code):
    """Appendix B, SHA-1, the last six of its eight digits."""
    assert rules.code_at(SECRET, rules.step_at(seconds)) == code


@pytest.mark.parametrize(("off", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_before_and_after_is_taken(off, taken):
    code = rules.code_at(SECRET, NOW + off)
    assert (rules.matching_step(SECRET, code, NOW, -1) == NOW + off) is taken


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_used_step_is_over_and_so_are_those_before_it(off):
    code = rules.code_at(SECRET, NOW + off)
    assert rules.matching_step(SECRET, code, NOW, NOW + off) is None
    assert rules.matching_step(SECRET, code, NOW, NOW + 1) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "12 456"])
def test_only_six_digits_look_like_an_apps_code(code):
    assert not rules.is_app_code(code)
    assert rules.matching_step(SECRET, code, NOW, -1) is None


@given(st.binary(min_size=rules.RECOVERY_BYTES, max_size=rules.RECOVERY_BYTES))
def test_a_recovery_code_keeps_all_its_bits_and_may_be_typed_anyhow(random):
    code = rules.recovery_code(random)
    assert base64.b32decode(code.replace("-", "")) == random
    assert not rules.is_app_code(rules.plain_code(code))
    for typed in (code.lower(), code.replace("-", " "), f" {code.replace('-', '')} "):
        assert rules.code_hash(typed) == rules.code_hash(code)


def test_there_are_80_bits_in_each():
    assert rules.RECOVERY_BYTES * 8 == 80


def test_the_qr_code_says_what_apps_understand():
    text = rules.enrolment_address("ABC", "a+b@x.example", "Vantrexia")
    assert text == (
        "otpauth://totp/Vantrexia%3Aa%2Bb%40x.example?secret=ABC&issuer=Vantrexia&algorithm=SHA1&digits=6&period=30"
    )


def test_the_library_shows_the_same_codes():
    from django_otp.oath import TOTP

    for step in (0, 1, NOW, 2**31):
        app = TOTP(SECRET)
        app.time = step * 30
        assert f"{app.token():06d}" == rules.code_at(SECRET, step)

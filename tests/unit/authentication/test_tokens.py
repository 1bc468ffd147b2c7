"""Tokens of programs: one use each, one family a sign-in, and nothing but hashes in the tables."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import orjson
import pytest
from django.utils import timezone

from apps.authentication import access_tokens
from apps.authentication.models import RefreshToken, SignInPolicy, TokenFamily, User
from apps.authentication.rules.tokens import (
    KEY_SCOPES,
    NEVER_FOR_KEYS,
    family_is_over,
    scopes_of_key,
    split_key,
    use_is_due,
)
from apps.authentication.services import (
    change_membership,
    issue_tokens,
    revoke_families,
    revoke_tokens,
    rotate_tokens,
)
from apps.authentication.types import AccessClaims, Permission, Role, TokenPair, TokenRefused
from apps.foundation.audit.models import AuditLog
from apps.foundation.encryption.services import derived_secrets
from apps.foundation.tenancy.types import Actor
from tests.cast import Cast

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CLAIMS = AccessClaims(uuid4(), uuid4(), uuid4())


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch):
    """Turns the clock on by so much."""
    now = [NOW]

    def turn(by: timedelta = timedelta(0)) -> datetime:
        now[0] += by
        return now[0]

    monkeypatch.setattr(timezone, "now", lambda: now[0])
    return turn


def sign_in(cast: Cast, role: str = "nurse") -> TokenPair:
    practice = cast.highland
    return issue_tokens(user_id=practice.people[role], practice_id=practice.id, ip="192.0.2.1", client="test")


def refused(refresh: str) -> str:
    with pytest.raises(TokenRefused) as caught:
        rotate_tokens(refresh=refresh, ip="192.0.2.1")
    return caught.value.reason


# access tokens


def token(**changes: object) -> str:
    payload = {
        "typ": "access",
        "sub": str(CLAIMS.user_id),
        "fam": str(CLAIMS.family_id),
        "prc": str(CLAIMS.practice_id),
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 900,
        "jti": "1",
    }
    payload |= changes
    return jwt.encode(
        {key: value for key, value in payload.items() if value is not None}, derived_secrets("access-token-v1")[0]
    )


def unsigned(algorithm: str) -> str:
    _head, body, _ = token().split(".")
    forged = urlsafe_b64encode(orjson.dumps({"alg": algorithm, "typ": "JWT"})).decode().rstrip("=")
    return f"{forged}.{body}."


def test_an_access_token_says_who_for_fifteen_minutes():
    text = access_tokens.write(CLAIMS, now=NOW, expires_at=NOW + 15 * MINUTE)
    assert text.startswith("eyJhbGciOiJIUzI1NiIs")
    assert access_tokens.read(text, now=NOW + 15 * MINUTE - timedelta(seconds=1)) == CLAIMS
    with pytest.raises(TokenRefused):
        access_tokens.read(text, now=NOW + 15 * MINUTE)


@pytest.mark.parametrize(
    "forged",
    [
        token(typ="refresh"),
        token(typ=None),
        token(exp=None),
        token(exp="9999999999"),
        token(exp=float("inf")),
        token(exp=True),
        token(sub=None),
        token(sub="x"),
        token(sub=7),
        token(fam=None),
        token(prc="x"),
        token()[:-2] + "AA",
        unsigned("none"),
        unsigned("None"),
        unsigned("HS256"),
        jwt.encode({"typ": "access"}, "another secret of at least 32 bytes!"),
        jwt.encode(jwt.decode(token(), options={"verify_signature": False}), "x" * 64, algorithm="HS512"),
        "",
        ".",
        "..",
        "a.b.c",
        "\N{SNOWMAN}",
        "x" * 5_000,
    ],
)
def test_what_we_did_not_write_is_refused(forged):
    with pytest.raises(TokenRefused):
        access_tokens.read(forged, now=NOW)


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_another_algorithm_under_our_own_secret_is_refused():
    payload = jwt.decode(token(), options={"verify_signature": False})
    with pytest.raises(TokenRefused):
        access_tokens.read(jwt.encode(payload, derived_secrets("access-token-v1")[0], algorithm="HS384"), now=NOW)


def test_every_configured_root_opens_and_the_first_signs(settings):
    older, newer = (urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2))
    settings.FIELD_ENCRYPTION_KEY = [older]
    text = access_tokens.write(CLAIMS, now=NOW, expires_at=NOW + MINUTE)
    settings.FIELD_ENCRYPTION_KEY = [newer, older]
    assert access_tokens.read(text, now=NOW) == CLAIMS
    fresh = access_tokens.write(CLAIMS, now=NOW, expires_at=NOW + MINUTE)
    settings.FIELD_ENCRYPTION_KEY = [newer]
    assert access_tokens.read(fresh, now=NOW) == CLAIMS
    with pytest.raises(TokenRefused):
        access_tokens.read(text, now=NOW)


# rules


def test_a_family_ends_by_age_by_rest_or_by_revocation():
    facts = {"expires_at": NOW + 60 * MINUTE, "last_used_at": NOW, "idle_minutes": 30, "revoked": False}
    assert family_is_over(NOW + 30 * MINUTE - timedelta(seconds=1), **facts) == ""
    assert family_is_over(NOW + 30 * MINUTE, **facts) == "idle"
    assert family_is_over(NOW + 60 * MINUTE, **facts) == "expired"
    assert family_is_over(NOW, **facts | {"revoked": True}) == "revoked"


def test_use_is_written_once_a_minute():
    assert use_is_due(NOW, None)
    assert use_is_due(NOW, NOW - MINUTE)
    assert not use_is_due(NOW, NOW - MINUTE + timedelta(seconds=1))


@pytest.mark.parametrize(
    "text", ["", "vxk_", "vxk_0123456789ab", "vxk_0123456789ab_short", "vxk_0123456789AB_" + "a" * 43]
)
def test_what_is_no_key_is_not_taken_apart(text):
    assert split_key(text) is None


def test_a_key_is_taken_apart():
    assert split_key("vxk_0123456789ab_" + "-_" + "a" * 41) == ("0123456789ab", "-_" + "a" * 41)
    assert split_key("vxk_0123456789ab_" + "a" * 43 + "\n") is None


def test_a_key_never_gets_what_a_person_answers_for():
    everything = [permission.value for permission in Permission] + ["no.such"]
    assert scopes_of_key(everything) == {scope.value for scope in KEY_SCOPES}
    assert not scopes_of_key([scope.value for scope in NEVER_FOR_KEYS])
    assert not scopes_of_key("patient.read")


# families


def test_a_refresh_token_works_once(cast):
    first = sign_in(cast)
    second = rotate_tokens(refresh=first.refresh, ip="")
    assert second.refresh != first.refresh
    third = rotate_tokens(refresh=second.refresh, ip="")
    assert access_tokens.read(third.access, now=timezone.now()).user_id == cast.highland.people["nurse"]
    assert TokenFamily.objects.count() == 1


def test_a_token_that_comes_twice_ends_its_family_and_is_recorded(cast):
    first = sign_in(cast)
    second = rotate_tokens(refresh=first.refresh, ip="")
    assert refused(first.refresh) == "reuse"
    assert refused(second.refresh) == "revoked", "the successor of a copied token is dead"
    (row,) = AuditLog.objects.filter(action="auth.token_reuse")
    assert (row.practice_id, row.subject_id) == (cast.highland.id, cast.highland.people["nurse"])
    assert row.ip == "192.0.2.1"


def test_another_sign_ins_family_lives_on(cast):
    copied, other = sign_in(cast), sign_in(cast)
    rotate_tokens(refresh=copied.refresh, ip="")
    refused(copied.refresh)
    assert rotate_tokens(refresh=other.refresh, ip="")


def test_a_family_ends_a_day_after_sign_in_however_often_it_is_used(cast, clock):
    pair = sign_in(cast)
    for _ in range(24 * 4 - 1):
        clock(15 * MINUTE)
        TokenFamily.objects.update(last_used_at=timezone.now())
        pair = rotate_tokens(refresh=pair.refresh, ip="")
    claims = jwt.decode(pair.access, options={"verify_signature": False})
    assert claims["exp"] == int((NOW + timedelta(hours=24)).timestamp())
    clock(15 * MINUTE)
    TokenFamily.objects.update(last_used_at=timezone.now())
    assert refused(pair.refresh) == "expired"


def test_refreshing_alone_does_not_keep_a_family(cast, clock):
    pair = sign_in(cast)
    clock(14 * MINUTE)
    pair = rotate_tokens(refresh=pair.refresh, ip="")
    clock(15 * MINUTE)
    pair = rotate_tokens(refresh=pair.refresh, ip="")
    clock(MINUTE)
    assert refused(pair.refresh) == "idle"


def test_the_practice_says_how_long_a_program_may_rest(cast, clock):
    SignInPolicy.objects.create(practice_id=cast.highland.id, token_idle_minutes=5)
    pair = sign_in(cast)
    clock(5 * MINUTE)
    assert refused(pair.refresh) == "idle"


def test_who_left_refreshes_no_more(cast):
    pair, practice = sign_in(cast), cast.highland
    change_membership(user_id=practice.people["nurse"], role=Role.NURSE, is_active=False, by=practice.actor("admin"))
    assert refused(pair.refresh) in {"membership", "revoked"}
    with pytest.raises(TokenRefused):
        sign_in(cast)


def test_a_switched_off_account_refreshes_no_more(cast):
    pair = sign_in(cast)
    User.objects.filter(id=cast.highland.people["nurse"]).update(is_active=False)
    assert refused(pair.refresh) == "membership"


@pytest.mark.parametrize("unknown", ["", "vxr_" + "a" * 43, "\N{SNOWMAN}", "x" * 100_000])
def test_an_unknown_token_is_refused(db, unknown):
    assert refused(unknown) == "unknown"


def test_signing_out_ends_the_family_and_says_so(cast):
    pair = sign_in(cast)
    by = Actor(cast.highland.people["nurse"], None, "user")
    revoke_tokens(refresh=pair.refresh, by=by)
    revoke_tokens(refresh=pair.refresh, by=by)
    revoke_tokens(refresh="unknown", by=by)
    assert refused(pair.refresh) == "revoked"
    (row,) = AuditLog.objects.filter(action="auth.tokens_revoked")
    assert row.practice_id == cast.highland.id


def test_all_of_a_persons_families_end_and_nobody_elses(cast):
    mine, other = [sign_in(cast), sign_in(cast)], sign_in(cast, "provider")
    by = cast.highland.actor("admin")
    assert revoke_families(cast.highland.people["nurse"], reason="by_administrator", by=by) == 2
    assert revoke_families(cast.highland.people["nurse"], reason="by_administrator", by=by) == 0
    assert [refused(pair.refresh) for pair in mine] == ["revoked"] * 2
    assert rotate_tokens(refresh=other.refresh, ip="")


def test_one_device_at_a_time(cast):
    SignInPolicy.objects.create(practice_id=cast.highland.id, single_device=True)
    first = sign_in(cast)
    second = sign_in(cast)
    assert refused(first.refresh) == "revoked"
    assert rotate_tokens(refresh=second.refresh, ip="")


def test_the_tables_hold_no_token(cast):
    pair = sign_in(cast)
    rows = str(list(RefreshToken.objects.values()) + list(TokenFamily.objects.values()))
    body = urlsafe_b64decode(pair.access.split(".")[1] + "==").decode()
    for secret in (pair.refresh, pair.refresh.removeprefix("vxr_"), pair.access, orjson.loads(body)["jti"]):
        assert secret not in rows

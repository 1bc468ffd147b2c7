"""The webhook, answer by answer."""

import io
import json
import time
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client, RequestFactory

from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.types import PLATFORM_ID
from apps.ingestion.models import ReceivedReading, Transmission
from apps.ingestion.services import intake, refusals
from apps.ingestion.views.webhook import receive_webhook
from tests.payloads import mioconnect

PATH = "/api/v1/ingestion/webhook/"
CURRENT, PREVIOUS = "a-current-secret-of-32-characters!", "a-previous-secret-of-32-characters"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_secrets(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MIO_WEBHOOK_SECRETS = [CURRENT, PREVIOUS]
    monkeypatch.setattr(refusals, "_ledger", refusals.RefusalLedger())
    monkeypatch.setattr(intake._Fullness, "counted_at", 0.0)
    monkeypatch.setattr(intake._Fullness, "too_full", False)


@pytest.fixture
def envelope() -> dict[str, Any]:
    return mioconnect.delivery(mioconnect.blood_pressure("SER-0001", 168, 102))


def test_a_delivery_is_stored_sealed_before_it_is_accepted(client: Client, envelope: dict[str, Any]) -> None:
    answer = mioconnect.post(client, envelope)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "duplicates": 0})
    row = Transmission.objects.get()
    assert (row.vendor, row.event_id, row.state) == ("mioconnect", envelope["event_id"], "new")
    assert json.loads(row.body) == envelope
    (token,) = Transmission.objects.values_list("body", flat=True)
    assert "SER-0001" not in token.token and token.token.startswith("vx1.")


def test_the_second_address_is_the_same_view(client: Client, envelope: dict[str, Any]) -> None:
    body = mioconnect.encode(envelope)
    answer = client.post(
        "/api/v1/mio_integration/webhook/",
        data=body,
        content_type="application/json",
        headers=mioconnect.headers(body, secret=CURRENT),
    )
    assert answer.status_code == 202


def test_the_same_delivery_again_changes_nothing(client: Client, envelope: dict[str, Any]) -> None:
    mioconnect.post(client, envelope)
    answer = mioconnect.post(client, envelope)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 0, "duplicates": 1})
    assert Transmission.objects.count() == ReceivedReading.objects.count() == 1


def test_a_known_reading_under_a_new_event_is_a_duplicate(client: Client, envelope: dict[str, Any]) -> None:
    mioconnect.post(client, envelope)
    fresh = mioconnect.weight("SER-0002", 80)
    answer = mioconnect.post(client, mioconnect.delivery(*envelope["readings"], fresh, fresh))
    assert answer.json() == {"accepted": 1, "duplicates": 2}


def test_a_known_event_never_hides_an_unknown_reading(client: Client, envelope: dict[str, Any]) -> None:
    mioconnect.post(client, envelope)
    changed = envelope | {"readings": [*envelope["readings"], mioconnect.weight("SER-0002", 80)]}
    assert mioconnect.post(client, changed).json() == {"accepted": 1, "duplicates": 1}
    assert Transmission.objects.count() == 2
    assert mioconnect.post(client, changed).json() == {"accepted": 0, "duplicates": 2}
    assert Transmission.objects.count() == 2


def test_readings_without_an_id_are_told_apart_by_their_place(client: Client) -> None:
    odd: dict[str, Any] = {"device": {"serial": "SER-0001"}}
    envelope = mioconnect.delivery(odd, odd)
    assert mioconnect.post(client, envelope).json() == {"accepted": 2, "duplicates": 0}
    assert mioconnect.post(client, envelope).json() == {"accepted": 0, "duplicates": 2}


def test_the_previous_secret_is_accepted_until_it_is_taken_away(
    client: Client, envelope: dict[str, Any], settings: Any
) -> None:
    body = mioconnect.encode(envelope)
    signed = mioconnect.headers(body, secret=PREVIOUS)
    assert mioconnect.post(client, envelope, body=body, headers=signed).status_code == 202
    settings.MIO_WEBHOOK_SECRETS = [CURRENT]
    assert mioconnect.post(client, envelope, body=body, headers=signed).status_code == 401


@pytest.mark.parametrize(
    ("age", "code"), [(301, "stale_timestamp"), (-302, "stale_timestamp"), (295, None), (-295, None)]
)
def test_the_replay_window(client: Client, envelope: dict[str, Any], age: int, code: str | None) -> None:
    body = mioconnect.encode(envelope)
    signed = mioconnect.headers(body, secret=CURRENT, timestamp=str(int(time.time()) - age))
    answer = mioconnect.post(client, envelope, body=body, headers=signed)
    assert answer.status_code == (401 if code else 202)
    assert answer.json().get("error") == code


@pytest.mark.parametrize("timestamp", ["nan", "1e3", "", "17900000000000", "-1790000000"])
def test_an_odd_timestamp_is_refused(client: Client, envelope: dict[str, Any], timestamp: str) -> None:
    body = mioconnect.encode(envelope)
    signed = mioconnect.headers(body, secret=CURRENT, timestamp=timestamp)
    answer = mioconnect.post(client, envelope, body=body, headers=signed)
    assert (answer.status_code, answer.json()) == (401, {"error": "bad_signature"})


@pytest.mark.parametrize("signature", ["", "v1=00", "v1=é", "v1=\xff\xfe", "Bearer x"])
def test_an_odd_signature_is_refused(client: Client, envelope: dict[str, Any], signature: str) -> None:
    answer = mioconnect.post(client, envelope, headers={"X-MioConnect-Signature": signature})
    assert (answer.status_code, answer.json()) == (401, {"error": "bad_signature"})
    assert not Transmission.objects.exists()


def test_without_headers_it_is_refused(client: Client, envelope: dict[str, Any]) -> None:
    answer = client.post(PATH, data=mioconnect.encode(envelope), content_type="application/json")
    assert answer.status_code == 401


def test_a_refusal_is_audited_once_a_minute_and_holds_no_content(client: Client) -> None:
    for _attempt in range(20):
        mioconnect.post(client, mioconnect.delivery(), headers={"X-MioConnect-Signature": "v1=00"})
    rows = AuditLog.objects.filter(practice_id=PLATFORM_ID, action="webhook.refused")
    assert [row.ip for row in rows] == ["127.0.0.1"]


def test_refused_too_often_is_slowed_but_a_genuine_delivery_still_passes(
    client: Client, envelope: dict[str, Any]
) -> None:
    forged = {"X-MioConnect-Signature": "v1=00"}
    codes = [mioconnect.post(client, envelope, headers=forged).status_code for _attempt in range(105)]
    assert codes[:100] == [401] * 100
    assert codes[100:] == [429] * 5
    assert mioconnect.post(client, envelope).status_code == 202


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"a":1,"a":2}',
        b'{"systolic":NaN}',
        b"[" * 11 + b"]" * 11,
        b"\xff",
    ],
)
def test_what_is_not_strict_json_is_400_and_not_echoed(client: Client, body: bytes) -> None:
    answer = mioconnect.post(client, None, body=body)
    assert (answer.status_code, answer.json()) == (400, {"error": "broken_json"})


def test_a_bad_envelope_is_422_with_the_field(client: Client) -> None:
    answer = mioconnect.post(client, mioconnect.delivery(mioconnect.weight("SER-0001", 80), event_type="secret"))
    assert (answer.status_code, answer.json()) == (422, {"error": "invalid_envelope", "field": "event_type"})
    assert not Transmission.objects.exists()


def test_one_bad_reading_does_not_refuse_the_delivery(client: Client) -> None:
    answer = mioconnect.post(
        client, mioconnect.delivery(mioconnect.weight("SER-0001", 80), mioconnect.weight("SER-0001", -1))
    )
    assert (answer.status_code, answer.json()) == (202, {"accepted": 2, "duplicates": 0})


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "options", "head"])
def test_only_post(client: Client, method: str) -> None:
    answer = getattr(client, method)(PATH)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json-patch+json", ""]
)
def test_only_json(client: Client, envelope: dict[str, Any], content_type: str) -> None:
    body = mioconnect.encode(envelope)
    answer = client.post(PATH, data=body, content_type=content_type, headers=mioconnect.headers(body, secret=CURRENT))
    assert answer.status_code == 415


def test_json_with_a_charset_is_json(client: Client, envelope: dict[str, Any]) -> None:
    body = mioconnect.encode(envelope)
    signed = mioconnect.headers(body, secret=CURRENT)
    answer = client.post(PATH, data=body, content_type="application/json; charset=utf-8", headers=signed)
    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("length", "status"),
    [("", 411), ("chunked", 411), ("-5", 411), ("262145", 413), ("9" * 400, 413), ("٣", 411)],
)
def test_the_length_is_judged_before_a_byte_is_read(length: str, status: int) -> None:
    class Unreadable(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise AssertionError("the body was read")

    request = RequestFactory().post(PATH, content_type="application/json")
    request.META["CONTENT_LENGTH"] = length
    request._stream = Unreadable()  # type: ignore[attr-defined]
    assert receive_webhook(request).status_code == status


def test_a_body_at_the_limit_is_read(client: Client, envelope: dict[str, Any]) -> None:
    body = mioconnect.encode(envelope)
    assert mioconnect.post(client, None, body=body + b" " * (262_144 - len(body))).status_code == 202
    assert mioconnect.post(client, None, body=body + b" " * (262_145 - len(body))).status_code == 413


def test_a_broken_connection_is_no_server_error(settings: Any) -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError("reset")

    request = RequestFactory().post(PATH, content_type="application/json")
    request.META["CONTENT_LENGTH"] = "5"
    request._stream = Broken()  # type: ignore[attr-defined]
    assert receive_webhook(request).status_code == 400


def test_database_trouble_asks_the_sender_to_come_again(
    client: Client, envelope: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_args: object, **_values: object) -> int:
        raise OperationalError("database is locked")

    store = intake._store
    monkeypatch.setattr(intake, "_store", locked)
    answer = mioconnect.post(client, envelope)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    monkeypatch.setattr(intake, "_store", store)
    assert mioconnect.post(client, envelope).json() == {"accepted": 1, "duplicates": 0}


def test_a_full_inbox_asks_the_sender_to_come_again(
    client: Client, envelope: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "FULLEST", 1)
    codes = []
    for _delivery in range(3):
        monkeypatch.setattr(intake._Fullness, "counted_at", 0.0)
        codes.append(mioconnect.post(client, mioconnect.delivery(*envelope["readings"])).status_code)
    assert codes == [202, 202, 503]


def test_a_runaway_sender_is_slowed(client: Client, envelope: dict[str, Any], settings: Any) -> None:
    settings.MIO_WEBHOOK_REQUESTS_PER_MINUTE = 3
    answers = [mioconnect.post(client, envelope) for _attempt in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert answers[-1]["Retry-After"] == "5"


@pytest.mark.parametrize("count", [1, 100])
def test_intake_costs_a_constant_number_of_queries(
    client: Client, envelope: dict[str, Any], count: int, django_assert_max_num_queries: Any
) -> None:
    """An insert each for the transmission and its receipts in one transaction; keys and fullness are remembered."""
    mioconnect.post(client, envelope)
    many = mioconnect.delivery(*[mioconnect.weight(f"SER-{number:04d}", 80) for number in range(count)])
    with django_assert_max_num_queries(4):
        assert mioconnect.post(client, many).json() == {"accepted": count, "duplicates": 0}


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_broke_meanwhile_is_replaced_once(
    client: Client, envelope: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database was restarted since this process last asked it something."""
    store = intake._store
    calls: list[str] = []

    def broken_at_first(event_id: str, *rest: Any) -> int:
        calls.append(event_id)
        if len(calls) == 1:
            raise OperationalError("server closed the connection unexpectedly")
        return store(event_id, *rest)

    monkeypatch.setattr(intake, "_store", broken_at_first)
    monkeypatch.setattr(connection, "is_usable", lambda: False)
    assert mioconnect.post(client, envelope).json() == {"accepted": 1, "duplicates": 0}
    assert len(calls) == 2

"""Pure decisions of the journey, and the in-memory brakes of the webhook."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.ingestion.rules import choices_for, clock_is_wrong, time_of_wear
from apps.ingestion.services.refusals import MOST_ADDRESSES, RefusalLedger
from apps.ingestion.types import QuarantineReason, Resolution

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("offset", "wrong"),
    [
        (timedelta(minutes=10), False),
        (timedelta(minutes=10, seconds=1), True),
        (timedelta(0), False),
        (-timedelta(days=400), False),
        (-timedelta(days=400, seconds=1), True),
    ],
)
def test_the_clock_is_believed_from_400_days_back_to_ten_minutes_ahead(offset: timedelta, wrong: bool) -> None:
    assert clock_is_wrong(effective_at=NOW + offset, now=NOW) is wrong


@pytest.mark.parametrize("offset", [timedelta(minutes=11), -timedelta(days=401)])
def test_a_wrong_clock_says_nothing_about_who_wore_the_device(offset: timedelta) -> None:
    assert time_of_wear(effective_at=NOW + offset, received_at=NOW) == NOW
    assert time_of_wear(effective_at=NOW - timedelta(days=3), received_at=NOW) == NOW - timedelta(days=3)


@pytest.mark.parametrize("reason", QuarantineReason)
def test_every_reason_can_be_discarded_and_only_a_measured_value_accepted(reason: QuarantineReason) -> None:
    choices = choices_for(reason)
    assert Resolution.DISCARD in choices
    assert (Resolution.ACCEPT in choices) == (reason in (QuarantineReason.IMPLAUSIBLE, QuarantineReason.CLOCK))


def test_one_row_a_minute_for_an_address_with_the_count_since() -> None:
    ledger = RefusalLedger()
    assert [ledger.count("a", moment=100.0 + number)[0] for number in range(4)] == [1, None, None, None]
    assert ledger.count("a", moment=161.0)[0] == 4
    assert ledger.count("b", moment=161.0)[0] == 1


def test_many_addresses_can_not_fill_the_disk_or_the_memory() -> None:
    ledger = RefusalLedger()
    written = [ledger.count(f"10.0.{number // 250}.{number % 250}", moment=100.0)[0] for number in range(5_000)]
    assert sum(count is not None for count in written) == 30
    assert len(ledger._windows) <= MOST_ADDRESSES + 1


def test_over_the_limit_until_the_minute_ends() -> None:
    ledger = RefusalLedger()
    over = [ledger.count("a", moment=100.0)[1] for _refusal in range(101)]
    assert over == [False] * 100 + [True]
    assert ledger.count("a", moment=160.0)[1] is False

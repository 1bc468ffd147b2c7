"""How long an invitation to the portal works, and what a link is."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from apps.core.patients.rules.portal import (
    COPY_LIFETIME,
    MAX_TRIES,
    copy_until,
    expires_at,
    is_usable,
    practice_in,
    secret_in,
    tries_left,
)

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("after", "tries", "closed", "usable"),
    [
        (timedelta(0), 0, False, True),
        (timedelta(days=7) - timedelta(seconds=1), 0, False, True),
        (timedelta(days=7), 0, False, False),
        (timedelta(0), MAX_TRIES - 1, False, True),
        (timedelta(0), MAX_TRIES, False, False),
        (timedelta(0), 0, True, False),
    ],
)
def test_until_when_a_link_works(after: timedelta, tries: int, closed: bool, usable: bool) -> None:
    assert is_usable(expires=expires_at(NOW), tries=tries, closed=closed, now=NOW + after) is usable


@pytest.mark.parametrize(("tries", "left"), [(0, 5), (4, 1), (5, 0), (9, 0)])
def test_how_often_it_may_be_tried(tries: int, left: int) -> None:
    assert tries_left(tries) == left


def test_a_secret_names_its_practice() -> None:
    practice_id = uuid4()
    assert practice_in(secret_in(practice_id, "token")) == practice_id


@pytest.mark.parametrize("secret", ["", ".", "x.y", f"{'0' * 32}.", f"{'0' * 31}.t", f"{'g' * 32}.t", "0" * 32])
def test_what_is_no_link_names_none(secret: str) -> None:
    assert practice_in(secret) is None


def test_a_copy_is_there_for_thirty_days() -> None:
    assert copy_until(NOW) - NOW == COPY_LIFETIME == timedelta(days=30)

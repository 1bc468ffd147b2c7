"""The journey of transmissions, as a table of contents: claim, clinical commit, administrative commit.

A batch goes through together. If one of its transmissions can't, each goes alone, so that a poison transmission harms
only itself. What was cut off is claimed alone, one at a time: it may have killed its worker. A delivery that keeps
failing is taken apart, so that one bad reading does not keep the others; what still fails after many hours waits in
the quarantine or is dead and visible, never lost.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import structlog
from django.conf import settings
from django.utils import timezone

from apps.foundation.jobs.services import claim, count_interruptions, retry_later
from apps.foundation.jobs.types import LeaseLost
from apps.ingestion.models import Transmission
from apps.ingestion.services.administrative import administer_transmissions, recover_recorded
from apps.ingestion.services.clinical import record_transmissions_of
from apps.ingestion.services.rescue import hold_failed, split_transmission
from apps.ingestion.types import TransmissionState

BATCH = 100
TRIES_TOGETHER = 2
SPLIT_AFTER = 3
"""Attempts after which a delivery of several readings goes on as one delivery for each."""

MOST_ATTEMPTS = 30
"""With the waiting times of jobs these are eleven hours at the least, sixteen on average."""

MOST_READINGS_TOGETHER = 500
MOST_INTERRUPTIONS = 5
MOST_SUSPECTS = 25

_log = structlog.get_logger("ingestion")


def process_due_transmissions(*, limit: int = BATCH, now: datetime | None = None) -> int:
    """Up to `limit` due transmissions went through the journey as far as they can. Returns how many were claimed.

    Up to 25 more that were cut off before followed, each claimed and run alone.
    """
    moment = now or timezone.now()
    batch = _claim(limit, interrupted=False)
    fresh = [row for row in batch if row.state == TransmissionState.NEW.value]
    half_done = [row for row in batch if row.state == TransmissionState.RECORDED.value]
    _run(fresh, lambda rows: _process(rows, moment), moment)
    _run(half_done, lambda rows: administer_transmissions(rows, recover_recorded(rows)), moment)
    suspects = 0
    while suspects < MOST_SUSPECTS and (claimed := _claim(1, interrupted=True)):
        suspects += 1
        _run_suspect(claimed[0], moment)
    return len(batch) + suspects


def _claim(limit: int, *, interrupted: bool) -> list[Transmission]:
    return claim(
        Transmission,
        limit=limit,
        states=(TransmissionState.NEW.value, TransmissionState.RECORDED.value),
        lease_seconds=settings.WORK_LEASE_SECONDS,
        interrupted=interrupted,
    )


def _process(batch: Sequence[Transmission], now: datetime) -> None:
    recorded = record_transmissions_of(batch, now=now)
    administer_transmissions(batch, recorded)


def _run(batch: Sequence[Transmission], step: Callable[[Sequence[Transmission]], None], now: datetime) -> None:
    """The rows went through the step: together at first, alone once they failed together."""
    together = [row for row in batch if row.attempts <= TRIES_TOGETHER]
    alone = [row for row in batch if row.attempts > TRIES_TOGETHER]
    for portion in _portions(together):
        try:
            step(portion)
        except LeaseLost:
            _log.warning("lease_lost", count=len(portion))
        except Exception as error:
            _log.warning("batch_split", error=type(error).__name__, count=len(portion))
            alone += _as_stored(portion)
    for row in alone:
        _run_alone(row, now)


def _portions(rows: Sequence[Transmission]) -> Iterator[list[Transmission]]:
    """The rows in their order, together while they hold no more than 500 readings: nobody waits long for one commit."""
    portion: list[Transmission] = []
    readings = 0
    for row in rows:
        if portion and readings + row.reading_count > MOST_READINGS_TOGETHER:
            yield portion
            portion, readings = [], 0
        portion.append(row)
        readings += row.reading_count
    if portion:
        yield portion


def _run_suspect(row: Transmission, now: datetime) -> None:
    """A transmission that was cut off went alone, in pieces if it has some; after five times it is dead."""
    interruptions = count_interruptions(row)
    if interruptions >= MOST_INTERRUPTIONS:
        _log.error("transmission_dead", error="Interrupted", state=row.state)
        retry_later(row, error="Interrupted", max_attempts=0)
    elif interruptions < TRIES_TOGETHER or not _is_taken_apart(row):
        _run_alone(row, now)


def _run_alone(row: Transmission, now: datetime) -> None:
    try:
        if row.state == TransmissionState.NEW.value:
            record_transmissions_of([row], now=now)
        administer_transmissions([row], recover_recorded([row]))
    except LeaseLost:
        _log.warning("lease_lost", count=1)
    except Exception as error:
        _log.error("transmission_failed", error=type(error).__name__, state=row.state, attempts=row.attempts)
        _as_stored([row])
        _put_off(row, type(error).__name__, now)


def _put_off(row: Transmission, error: str, now: datetime) -> None:
    """The transmission waits for another try, goes on in pieces, or after the last try as a quarantined reading."""
    if row.attempts >= SPLIT_AFTER and _is_taken_apart(row):
        return
    if row.attempts >= MOST_ATTEMPTS and row.state == TransmissionState.NEW.value and _is_held(row, now):
        return
    retry_later(row, error=error, max_attempts=MOST_ATTEMPTS)


def _is_taken_apart(row: Transmission) -> bool:
    if row.state != TransmissionState.NEW.value or row.reading_count < 2:
        return False
    return _succeeds(lambda: split_transmission(row), "split_failed")


def _is_held(row: Transmission, now: datetime) -> bool:
    return _succeeds(lambda: hold_failed(row, now=now), "hold_failed")


def _succeeds(step: Callable[[], bool], event: str) -> bool:
    try:
        return step()
    except Exception as error:
        _log.error(event, error=type(error).__name__)
        return False


def _as_stored(rows: Sequence[Transmission]) -> list[Transmission]:
    """The rows with their committed state: what the memory says may belong to a transaction that was rolled back."""
    states = dict(Transmission.objects.filter(id__in=[row.id for row in rows]).values_list("id", "state"))
    for row in rows:
        row.state = states[row.id]
    return [row for row in rows if row.state in (TransmissionState.NEW.value, TransmissionState.RECORDED.value)]

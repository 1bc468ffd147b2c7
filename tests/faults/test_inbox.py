"""Nothing acknowledged is lost, nothing is done twice: whoever is killed, whatever comes again, in whatever order."""

import random
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from tests.faults.installation import Installation, Web, kill, wait_for
from tests.payloads import mioconnect

pytestmark = pytest.mark.timeout(300)


def deliveries(installation: Installation, count: int, *, seed: int) -> list[dict[str, Any]]:
    """So many deliveries of one reading each, minutes apart for each device so that none is a near-duplicate."""
    source = random.Random(seed)
    now = datetime.now(UTC)
    made = []
    for number in range(count):
        serial = installation.serials[number % len(installation.serials)]
        turn = number // len(installation.serials)
        measured_at = now - timedelta(minutes=3 * turn + 200 * seed, seconds=30)
        reading = mioconnect.blood_pressure(
            serial, source.randint(105, 175), source.randint(62, 98), measured_at=measured_at
        )
        made.append(mioconnect.delivery(reading))
    return made


def reading_ids(envelopes: list[dict[str, Any]]) -> set[str]:
    return {item["reading_id"] for envelope in envelopes for item in envelope["readings"]}


def assert_each_once(counted: dict[str, Any], envelopes: list[dict[str, Any]]) -> None:
    assert reading_ids(envelopes) <= set(counted["reading_ids"])
    assert set(counted["transmissions"]) == {"done"}
    assert counted["observations"] == counted["distinct_observations"] == len(counted["reading_ids"])
    assert counted["charted"] == counted["observations"]
    assert counted["deliveries"] == counted["distinct_deliveries"] == counted["observations"]
    assert counted["recorded_in_audit"] == counted["distinct_in_audit"] == counted["observations"]
    assert counted["device_days"] == counted["distinct_device_days"]
    assert (counted["alerts_open_twice"], counted["quarantined"], counted["broken_chains"]) == (0, 0, 0)


def test_a_burst_of_a_thousand_with_repeats_and_disorder_is_processed_once_each(
    installation: Installation, web: Web
) -> None:
    envelopes = deliveries(installation, 1000, seed=1)
    source = random.Random(1)
    posts = envelopes + source.sample(envelopes, 150)
    source.shuffle(posts)
    counts = {"accepted": 0, "duplicates": 0}
    lock = threading.Lock()
    with installation.worker(), httpx.Client(timeout=40) as client:

        def post(envelope: dict[str, Any]) -> int:
            answer = web.post(envelope, client)
            with lock:
                for name in counts:
                    counts[name] += answer.json().get(name, 0)
            return answer.status_code

        with ThreadPoolExecutor(8) as senders:
            assert set(senders.map(post, posts)) == {202}
        wait_for(installation.is_idle, seconds=120)
    assert counts == {"accepted": 1000, "duplicates": 150}
    assert_each_once(installation.census(), envelopes)


def test_a_delivery_is_durable_before_it_is_acknowledged(installation: Installation) -> None:
    envelopes = deliveries(installation, 2, seed=2)
    for envelope in envelopes:
        with installation.web() as web:
            assert web.post(envelope).status_code == 202
            kill(web.process)
    assert {envelope["event_id"] for envelope in envelopes} <= set(installation.census()["event_ids"])
    with installation.worker():
        wait_for(installation.is_idle)
    assert_each_once(installation.census(), envelopes)


def test_a_worker_killed_again_and_again_loses_and_doubles_nothing(installation: Installation, web: Web) -> None:
    envelopes = deliveries(installation, 300, seed=3)
    web.post_all(envelopes)
    killed_at_work = 0
    for round_ in range(4):
        with installation.worker() as worker:
            wait_for(lambda pid=worker.pid: installation.worker_pid() == pid)
            time.sleep(0.1 + 0.15 * round_)
            kill(worker)
        killed_at_work += not installation.is_idle()
    assert killed_at_work, "every kill came too late to hurt"
    with installation.worker():
        wait_for(installation.is_idle, seconds=120)
    assert_each_once(installation.census(), envelopes)


@pytest.mark.parametrize(
    ("number", "step"),
    [
        (0, "after_claim"),
        (1, "before_clinical_commit"),
        (2, "between_commits"),
        (3, "before_administrative_commit"),
    ],
)
def test_death_at_the_worst_moments(installation: Installation, web: Web, number: int, step: str) -> None:
    envelopes = deliveries(installation, 30, seed=4 + number)
    web.post_all(envelopes)
    installation.run("-m", "tests.faults.fatal_step", step, check=False)
    counted = installation.census()
    waiting = "recorded" if step in ("between_commits", "before_administrative_commit") else "new"
    assert counted["transmissions"].get(waiting) == 30
    assert (reading_ids(envelopes) <= set(counted["reading_ids"])) == (waiting == "recorded")
    with installation.worker():
        wait_for(installation.is_idle)
    assert_each_once(installation.census(), envelopes)


def test_two_workers_share_the_inbox_without_doubling(installation: Installation, web: Web) -> None:
    envelopes = deliveries(installation, 200, seed=8)
    with installation.worker(), installation.worker():
        web.post_all(envelopes)
        wait_for(installation.is_idle, seconds=120)
    assert_each_once(installation.census(), envelopes)


@contextmanager
def database_locked(installation: Installation) -> Any:
    """Somebody else holds the inbox against every writer."""
    if "DATABASE_URL" in installation.env:
        with psycopg.connect(installation.env["DATABASE_URL"]) as other:
            other.execute("LOCK TABLE ingestion_transmission IN ACCESS EXCLUSIVE MODE")
            yield
            other.rollback()
        return
    other = sqlite3.connect(installation.folder / "vantrexia.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_a_locked_database_asks_the_sender_to_come_again_and_then_accepts(installation: Installation) -> None:
    (envelope,) = deliveries(installation, 1, seed=9)
    with installation.web(lock_seconds=1) as web:
        with database_locked(installation):
            answer = web.post(envelope)
            assert answer.status_code == 503
            assert answer.headers["Retry-After"] == "5"
        assert web.post(envelope).status_code == 202
        assert web.post(envelope).json() == {"accepted": 0, "duplicates": 1}
    with installation.worker():
        wait_for(installation.is_idle)
    assert_each_once(installation.census(), [envelope])

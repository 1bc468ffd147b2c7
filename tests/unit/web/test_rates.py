"""Counting within a minute: in memory, in a file that processes share, in Redis; and when the store is gone."""

import multiprocessing
import sqlite3
from pathlib import Path

import pytest
from django.conf import settings

from apps.foundation.web import rates
from apps.foundation.web.rates import Counter, Lots, ProcessStore, RedisStore, SqliteStore, Store


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["process", "file"])
def store(request: pytest.FixtureRequest, clock: Clock, tmp_path: Path) -> Store:
    return ProcessStore(clock) if request.param == "process" else SqliteStore(tmp_path / "rates", clock)


def test_the_one_too_many_waits_until_the_first_is_a_minute_old(store: Store, clock: Clock) -> None:
    admitted = 0
    for _second in range(100):
        admitted += store.wait("a", 100) == 0
        clock.now += 0.1
    assert admitted == 100
    assert store.wait("a", 100) == pytest.approx(50)
    assert store.wait("b", 100) == 0, "one caller took another's share"
    clock.now += 49.9
    assert store.wait("a", 100) > 0
    clock.now += 0.11
    assert store.wait("a", 100) == 0
    assert store.wait("a", 100) > 0, "a whole minute's worth was given back at once"


def test_no_minute_anywhere_holds_more_than_the_limit(store: Store, clock: Clock) -> None:
    """Not even one that begins in the middle, as with windows of the wall clock."""
    moments = []
    for step in range(3_000):
        clock.now += 0.05 if (step // 100) % 3 else 0.4
        if store.wait("a", 20) == 0:
            moments.append(clock.now)
    assert len(moments) > 60
    assert max(sum(one <= other < one + 60 for other in moments) for one in moments) == 20


def test_a_clock_that_is_set_back_holds_nobody_up_for_an_hour(clock: Clock, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "rates", clock)
    for _request in range(5):
        store.wait("a", 5)
    clock.now -= 3_600
    assert store.wait("a", 5) == 0


def test_what_is_old_is_forgotten(clock: Clock, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "rates", clock)
    for number in range(200):
        store.wait(str(number), 5)
        clock.now += 1
    with sqlite3.connect(tmp_path / "rates") as file:
        assert file.execute("SELECT count(*) FROM admitted").fetchone()[0] < 100


def take(path: Path, count: int, results: "multiprocessing.Queue[int]") -> None:
    store = SqliteStore(path)
    results.put(sum(store.wait("a", 100) == 0 for _request in range(count)))


def test_two_processes_share_one_limit(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[int] = context.Queue()
    processes = [context.Process(target=take, args=(tmp_path / "rates", 90, results)) for _process in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert results.get() + results.get() == 100


@pytest.mark.skipif(not settings.REDIS_URL, reason="Redis: not run")
def test_redis_counts_for_everybody() -> None:
    one, other = RedisStore(settings.REDIS_URL), RedisStore(settings.REDIS_URL)
    key = rates.secrets.token_hex(8)
    waits = [(one if number % 2 else other).wait(key, 100) for number in range(101)]
    assert waits[:100] == [0] * 100
    assert 50 < waits[100] <= 60


class Broken:
    """A store that is gone."""

    def __init__(self) -> None:
        self.asked = 0

    def wait(self, key: str, limit: int) -> float:
        self.asked += 1
        raise ConnectionError("gone")


def test_without_the_shared_store_each_process_counts_and_nothing_fails(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    shared = Broken()
    counter = Counter(shared, ProcessStore(clock), clock)
    waits = [counter.wait("a", 3) for _request in range(5)]
    assert [wait > 0 for wait in waits] == [False, False, False, True, True]
    assert shared.asked == 1, "a store that is gone is asked at each request"
    assert "ConnectionError" in caplog.text
    clock.now += rates.REST_SECONDS
    counter.wait("a", 3)
    assert shared.asked == 2


def test_a_folder_that_cannot_be_written_to_fails_no_request(tmp_path: Path) -> None:
    assert Counter(SqliteStore(tmp_path / "none" / "rates"), ProcessStore()).wait("a", 3) == 0


def test_a_limit_of_many_is_taken_by_the_lot(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Watched(ProcessStore):
        def wait(self, key: str, limit: int) -> float:
            asked.append(limit)
            return super().wait(key, limit)

    watched = Watched(clock)
    monkeypatch.setattr(rates, "counter", lambda: watched)
    lots = Lots("webhook", 60_000, clock)
    assert sum(lots.take() == 0 for _request in range(70_000)) == 60_000
    assert len(asked) < 11_000 and set(asked) == {100}
    clock.now += 61
    assert lots.take() == 0


def test_no_caller_is_named_in_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = SqliteStore(tmp_path / "rates")
    monkeypatch.setattr(rates, "counter", lambda: shared)
    assert rates.seconds_to_wait("any", "address 203.0.113.77", 5) == 0
    assert not [path for path in tmp_path.iterdir() if b"203.0.113.77" in path.read_bytes()]

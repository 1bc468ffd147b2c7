"""How often within the last minute: counted for all processes of the installation together.

Redis counts where there is one; else a small SQLite file of its own, so that no request writes to the main database.
While neither answers, each process counts for itself: a limit then holds per process, and no request fails for it.
"""

import logging
import math
import secrets
import sqlite3
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

MINUTE = 60.0
REST_SECONDS = 5.0
"""How long a store that failed is left alone."""

_LONGEST_WAIT = 0.25
_AHEAD = 1.0
_PRUNE_EVERY = 30.0
_MOST_CALLERS = 10_000
_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1e6
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 60)
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + 1, '+inf')
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then
    return tostring(redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] + 60 - now)
end
redis.call('ZADD', KEYS[1], string.format('%.6f', now), ARGV[2])
redis.call('EXPIRE', KEYS[1], 61)
return '0'
"""

logger = logging.getLogger(__name__)


class Store(Protocol):
    """Remembers what was admitted within the last minute."""

    def wait(self, key: str, limit: int) -> float:
        """Admit one more under `key` and return 0, or return the seconds until one fits again."""


class ProcessStore:
    """In the memory of this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._admitted: dict[str, deque[float]] = defaultdict(deque)
        self._clock = clock
        self._lock = threading.Lock()

    def wait(self, key: str, limit: int) -> float:
        """As Store says."""
        now = self._clock()
        with self._lock:
            if len(self._admitted) > _MOST_CALLERS:
                self._admitted.clear()
            moments = self._admitted[key]
            while moments and moments[0] <= now - MINUTE:
                moments.popleft()
            if len(moments) >= limit:
                return moments[0] + MINUTE - now if moments else MINUTE
            moments.append(now)
        return 0.0


class SqliteStore:
    """In a file that the processes of one machine share. A power cut may lose the last minute, and nothing else."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._local = threading.local()
        self._pruned = 0.0

    def wait(self, key: str, limit: int) -> float:
        """As Store says. Raises sqlite3.Error."""
        now = self._clock()
        file = self._connection()
        file.execute("BEGIN IMMEDIATE")
        try:
            if now - self._pruned > _PRUNE_EVERY or now < self._pruned:
                self._pruned = now
                file.execute("DELETE FROM admitted WHERE moment NOT BETWEEN ? AND ?", (now - MINUTE, now + _AHEAD))
            query = "SELECT count(*), min(moment) FROM admitted WHERE caller = ? AND moment > ? AND moment < ?"
            count, first = file.execute(query, (key, now - MINUTE, now + _AHEAD)).fetchone()
            if count < limit:
                file.execute("INSERT INTO admitted VALUES (?, ?)", (key, now))
        except BaseException:
            file.execute("ROLLBACK")
            raise
        file.execute("COMMIT")
        return 0.0 if count < limit else (first or now) + MINUTE - now

    def _connection(self) -> sqlite3.Connection:
        known: sqlite3.Connection | None = getattr(self._local, "file", None)
        if known is not None:
            return known
        opened = sqlite3.connect(self._path, timeout=_LONGEST_WAIT, isolation_level=None)
        opened.execute("PRAGMA journal_mode=WAL")
        opened.execute("PRAGMA synchronous=OFF")
        opened.execute("CREATE TABLE IF NOT EXISTS admitted (caller TEXT NOT NULL, moment REAL NOT NULL)")
        opened.execute("CREATE INDEX IF NOT EXISTS admitted_lately ON admitted (caller, moment)")
        self._local.file = opened
        return opened


class RedisStore:
    """In Redis, by its clock: one step that nothing comes between."""

    def __init__(self, url: str) -> None:
        from redis import Redis

        redis: Any = Redis.from_url(url, socket_timeout=_LONGEST_WAIT, socket_connect_timeout=_LONGEST_WAIT)
        self._run = redis.register_script(_SCRIPT)

    def wait(self, key: str, limit: int) -> float:
        """As Store says. Raises redis.RedisError."""
        return float(self._run(keys=[f"vantrexia:rate:{key}"], args=[limit, secrets.token_hex(8)]))


class Counter:
    """Asks the shared store; after a failure lets it rest and counts in this process meanwhile."""

    def __init__(self, shared: Store, own: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._shared = shared
        self._own = own
        self._clock = clock
        self._rests_until = 0.0

    def wait(self, key: str, limit: int) -> float:
        """As Store says; never raises."""
        if limit <= 0:
            return MINUTE
        if self._clock() >= self._rests_until:
            try:
                return self._shared.wait(key, limit)
            except Exception as fault:  # whatever is wrong with a counter, requests are answered
                self._rests_until = self._clock() + REST_SECONDS
                logger.warning(
                    "the shared rate limits cannot be reached (%s): each process counts", type(fault).__name__
                )
        return self._own.wait(key, limit)


class Lots:
    """A limit for so many requests that asking for each would cost too much: they are taken by the lot.

    A lot is a hundredth of a minute's worth. What a process has left of one is its own for that minute.
    """

    def __init__(self, name: str, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = f"{name}:{per_minute}"
        self._size = max(1, per_minute // 100)
        self._lots = per_minute // self._size
        self._clock = clock
        self._left = 0
        self._ends = 0.0
        self._lock = threading.Lock()

    def take(self) -> float:
        """0 when one more fits, else the seconds until it may."""
        with self._lock:
            now = self._clock()
            if self._left <= 0 or now >= self._ends:
                wait = counter().wait(self._name, self._lots)
                if wait:
                    return wait
                self._left, self._ends = self._size, now + MINUTE
            self._left -= 1
        return 0.0


@lru_cache(maxsize=1)
def counter() -> Counter:
    """The one of this process."""
    shared: Store = (
        RedisStore(settings.REDIS_URL) if settings.REDIS_URL else SqliteStore(Path(settings.VAR_DIR) / "rates.sqlite3")
    )
    return Counter(shared, ProcessStore())


def forget_counter() -> None:
    """The settings changed, or the process was forked: the next count begins with a store of its own."""
    counter.cache_clear()


def seconds_to_wait(kind: str, caller: str, limit: int) -> int:
    """0 when the caller may go on, else whole seconds until then. No name or address of a caller is kept in clear."""
    key = blake2b(f"{kind}:{caller}".encode(), key=settings.SECRET_KEY.encode()[:64], digest_size=16).hexdigest()
    return math.ceil(counter().wait(key, limit))

"""`@job` makes a function that a worker runs when its bell rings; `sweep` has it run anyway, every so often.

The tables are the queue: a bell that is lost costs time, never work. So ringing never raises.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import structlog
from django.db import close_old_connections, transaction
from huey.contrib.djhuey import HUEY

_log = structlog.get_logger("jobs")

_REST_BETWEEN_RINGS = 0.25


class Job:
    """A function that looks at a table and does what is due."""

    def __init__(self, function: Callable[[], object]) -> None:
        self.name = f"{function.__module__.split('.')[-2]}.{function.__name__}"
        self._function = function
        self._task = HUEY.task(name=self.name)(self.run)
        self._last_ring = 0.0
        self._lock = Lock()

    def run(self) -> None:
        """The function runs once, with fresh connections; what it raises is logged by class and not passed on."""
        if not transaction.get_connection().in_atomic_block:
            close_old_connections()
        try:
            self._function()
        except Exception as error:
            _log.error("job_failed", job=self.name, error=type(error).__name__)

    def ring(self) -> None:
        """A worker will look soon. Never raises; at most four rings a second leave this process."""
        with self._lock:
            now = time.monotonic()
            if now - self._last_ring < _REST_BETWEEN_RINGS:
                return
            self._last_ring = now
        try:
            self._task()
        except Exception as error:
            _log.warning("bell_lost", job=self.name, error=type(error).__name__)


@dataclass(frozen=True)
class Sweep:
    """A job that runs every `every_seconds`, bell or no bell; in a thread of its own where it waits for strangers."""

    job: Job
    every_seconds: float
    waits_for_strangers: bool = False


_sweeps: list[Sweep] = []


def job(function: Callable[[], object]) -> Job:
    """The function as a job. It takes no arguments: what is due stands in its table."""
    return Job(function)


def sweep(swept: Job, *, every_seconds: float, waits_for_strangers: bool = False) -> None:
    """Every worker runs the job every `every_seconds`. Two workers doing so at once must be harmless.

    One that `waits_for_strangers`, over a network, holds no other sweep up when they do not answer.
    """
    _sweeps.append(Sweep(swept, every_seconds, waits_for_strangers))


def registered_sweeps() -> tuple[Sweep, ...]:
    """All sweeps of the installed apps."""
    return tuple(_sweeps)

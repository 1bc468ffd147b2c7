"""The worker process: Huey's consumer answers the bell, and a thread sweeps whether or not it rang."""

import os
import threading
import time
from pathlib import Path

import structlog
from django.conf import settings
from django.db import connections
from django.utils.module_loading import autodiscover_modules
from huey.consumer import Consumer
from huey.contrib.djhuey import HUEY

from apps.foundation.jobs.decorators import Sweep, registered_sweeps
from apps.foundation.jobs.services import collect_garbage_rarely

_log = structlog.get_logger("worker")


class SweepThread(threading.Thread):
    """Runs its sweeps when their time has come, one after the other."""

    def __init__(self, sweeps: tuple[Sweep, ...]) -> None:
        super().__init__(name="sweeps", daemon=True)
        self._due = dict.fromkeys(sweeps, 0.0)
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.is_set():
            now = time.monotonic()
            for item, due in self._due.items():
                if now >= due and not self._stopping.is_set():
                    item.job.run()
                    self._due[item] = time.monotonic() + item.every_seconds
            self._stopping.wait(0.1)
        connections.close_all()

    def stop(self) -> None:
        """The sweep that runs is finished; no other begins."""
        self._stopping.set()


def sweep_threads(sweeps: tuple[Sweep, ...]) -> tuple[SweepThread, ...]:
    """One thread for all sweeps, and one more for each that waits for strangers."""
    ours = tuple(one for one in sweeps if not one.waits_for_strangers)
    return (SweepThread(ours), *(SweepThread((one,)) for one in sweeps if one.waits_for_strangers))


def run_worker(*, threads: int) -> None:
    """Works until SIGINT or SIGTERM; then what is being worked on is finished first."""
    autodiscover_modules("tasks")
    sweepers = sweep_threads(registered_sweeps())
    consumer = Consumer(
        HUEY,
        workers=threads,
        periodic=False,
        initial_delay=0.05,
        backoff=1.2,
        max_delay=0.5,
        graceful_signal="TERM",
        shutdown_timeout=20,
    )
    collect_garbage_rarely()
    for sweeper in sweepers:
        sweeper.start()
    _write_pid()
    _log.info("worker_started", threads=threads, sweeps=len(registered_sweeps()))
    try:
        consumer.run()
    finally:
        for sweeper in sweepers:
            sweeper.stop()
        for sweeper in sweepers:
            sweeper.join(timeout=30)


def _write_pid() -> None:
    folder = Path(settings.VAR_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "worker.pid").write_text(str(os.getpid()))

"""How long something takes."""

import time
from collections.abc import Callable

from benchmarks.figures import median


def timed(work: Callable[[], object]) -> float:
    """Seconds of one call."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def seconds_of(work: Callable[[], object], *, rounds: int) -> float:
    """The median of several."""
    return median([timed(work) for _ in range(rounds)])

"""How fast this machine is beside the one that set the targets in milliseconds, by a limit that both were measured by.

Absolute times drift between machines, so a target holds for a machine: so many times longer as the limit takes here.
"""

import hashlib
import hmac
import math
import os
from collections.abc import Callable

from benchmarks.figures import Figure
from benchmarks.timing import timed

DESIGNED_US = {"HMAC-SHA256": 26.5, "keyed BLAKE2b": 8.5}
"""20 tags of the blind index, the middle of the range that the design gives."""
TAGS, CALLS, ROUNDS = 20, 200, 20


_fastest: dict[str, float] = {}


def slowness() -> float:
    """How many times longer this machine takes: 2.0 is one half as fast.

    By its best moment of the run so far: a machine that others slow down now and then makes no target easier.
    """
    ratios = [taken / DESIGNED_US[name] for name, taken in tag_times().items()]
    return math.prod(ratios) ** (1 / len(ratios))


def tag_times() -> dict[str, float]:
    """Microseconds of 20 tags by each kind of keyed hash, at best."""
    key, words = os.urandom(32), [b"word%d" % number for number in range(TAGS)]
    kinds = {
        "HMAC-SHA256": lambda: [hmac.digest(key, word, "sha256") for word in words],
        "keyed BLAKE2b": lambda: [hashlib.blake2b(word, key=key, digest_size=16).digest() for word in words],
    }
    for name, work in kinds.items():
        taken = min(many(work) for _ in range(ROUNDS)) / CALLS * 1e6
        _fastest[name] = min(taken, _fastest.get(name, taken))
    return dict(_fastest)


def many(work: Callable[[], object]) -> float:
    """Seconds of many calls."""
    return timed(lambda: [work() for _ in range(CALLS)])


def figures() -> list[Figure]:
    """Both limits, as they are when the run begins."""
    return [
        Figure("", f"20 tags by {name}", taken, "µs", DESIGNED_US[name], "where the targets were set")
        for name, taken in tag_times().items()
    ]


def at_most(number: str, name: str, value: float, target: float, *, limit: float, limit_name: str) -> Figure:
    """A time in milliseconds beside its target as it was set and as it stands on this machine."""
    here = target * slowness()
    return Figure(number, name, value, "ms", limit, limit_name, f"< {target:.0f} ms, here {here:.1f}", value < here)

"""How long to wait before another try: pure."""

from random import Random

BASE_SECONDS = 5.0
LONGEST_SECONDS = 3_600.0


def backoff_seconds(attempts: int, chance: Random) -> float:
    """A time drawn evenly between half and all of 5 s doubled for each attempt so far, an hour at the most.

    Equal jitter: work that failed together does not come back together, and no draw uses attempts up in a moment.
    """
    longest = min(LONGEST_SECONDS, BASE_SECONDS * 2.0 ** min(attempts, 20))
    return chance.uniform(longest / 2.0, longest)

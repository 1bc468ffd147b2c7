"""When somebody has failed too often: pure decisions."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

LOCKED_FOR = timedelta(minutes=30)
"""A lock ends by itself after this long (requirements AUT-09)."""

DELAYS = (0.5, 1.0, 2.0, 4.0)
"""Seconds before the answer to the first, second, third and every further failure (AUT-10)."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many failures lock, and how long one counts when no success comes between."""

    failures: int
    remembered_for: timedelta


ACCOUNT_LIMIT = Limit(5, timedelta(hours=24))
"""Requirements AUT-09."""

ADDRESS_LIMIT = Limit(50, timedelta(minutes=30))
"""A whole practice may sit behind one address."""


@dataclass(frozen=True, slots=True)
class Count:
    """Failures against one account or address."""

    failures: int
    first_failed_at: datetime
    locked_until: datetime | None

    def is_locked(self, now: datetime) -> bool:
        """Whether attempts are refused unseen."""
        return self.locked_until is not None and now < self.locked_until


def with_one_more(count: Count, now: datetime, limit: Limit) -> Count:
    """The count with this attempt in it. What a lock punished already, or what is too old, counts no more."""
    served = count.locked_until is not None and count.locked_until <= now
    forgotten = now - count.first_failed_at >= limit.remembered_for
    begins_anew = served or forgotten or count.failures == 0
    failures = 1 if begins_anew else count.failures + 1
    first = now if begins_anew else count.first_failed_at
    return Count(failures, first, now + LOCKED_FOR if failures >= limit.failures else None)


def with_one_less(count: Count, limit: Limit) -> Count:
    """The count without an attempt that turned out to be right."""
    failures = max(0, count.failures - 1)
    return Count(failures, count.first_failed_at, count.locked_until if failures >= limit.failures else None)


def delay_after(failures: int) -> float:
    """Seconds to wait before the answer to the n-th failure."""
    return DELAYS[min(max(failures, 1), len(DELAYS)) - 1]


def minutes_until(end: datetime, now: datetime) -> int:
    """Whole minutes to wait, at least one."""
    return max(1, math.ceil((end - now) / timedelta(minutes=1)))


def counted_address(ip: str) -> str:
    """What an address is counted under. One of version 6 stands for its network: whoever has one has a whole /64."""
    try:
        parsed = ip_address(ip)
    except ValueError:
        return ip
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((int(parsed), 64), strict=False).network_address)


def normalised_name(name: str) -> str:
    """An e-mail as it is looked up and counted: letter case and spaces around it make no other account."""
    return name.strip().casefold()

"""When people are on duty, and how long an alert may wait for one of them. Source: requirements 4.2, AL-05."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.core.triage.types import Severity

CLOCKS: Mapping[Severity, timedelta] = {Severity.CRITICAL: timedelta(minutes=30), Severity.WARNING: timedelta(hours=4)}
"""How long an alert may wait for a person, in service hours, where the practice chose nothing else."""
NURSE, PROVIDER, CLINICAL_MANAGER = "nurse", "provider", "clinical_manager"
LADDER = (NURSE, PROVIDER, CLINICAL_MANAGER)
"""Who is asked next when nobody takes an alert: of the patient's team, the assigned one, one of the practice."""


@dataclass(frozen=True, slots=True)
class ServiceHours:
    """The hours in which somebody watches: wall-clock times of the practice's zone, weekdays from Monday = 0."""

    zone: ZoneInfo
    starts: time = time(8)
    ends: time = time(18)
    days: frozenset[int] = frozenset(range(5))

    def is_open(self, moment: datetime) -> bool:
        """Whether somebody is on duty then."""
        local = moment.astimezone(self.zone)
        return local.weekday() in self.days and self.starts <= local.time() < self.ends


@dataclass(frozen=True, slots=True)
class Duty:
    """What a practice chose of how its alerts are watched. `ladder` holds the words above and ids of members."""

    hours: ServiceHours
    clocks: Mapping[Severity, timedelta] = field(default_factory=lambda: CLOCKS)
    critical_always: bool = False
    holds_back: bool = True
    ladder: tuple[str, ...] = LADDER

    def due(self, severity: Severity, started: datetime, *, times: int = 1) -> datetime | None:
        """When the clock of an alert of this severity has run out so many times over; None for one without a clock."""
        clock = self.clocks.get(severity)
        if clock is None:
            return None
        if severity is Severity.CRITICAL and self.critical_always:
            return started + clock * times
        return after_service_time(started, clock * times, self.hours)


def after_service_time(started: datetime, duration: timedelta, hours: ServiceHours) -> datetime:
    """When so much of service time has passed. Without any service hours the wall clock counts."""
    if not hours.days or hours.ends <= hours.starts:
        return started + duration
    day, left = started.astimezone(hours.zone).date(), duration
    while True:
        if day.weekday() in hours.days:
            opens = datetime.combine(day, hours.starts, hours.zone).astimezone(UTC)
            closes = datetime.combine(day, hours.ends, hours.zone).astimezone(UTC)
            begins = max(opens, started)
            if begins + left <= closes:
                return begins + left
            left -= max(timedelta(), closes - begins)
        day += timedelta(days=1)

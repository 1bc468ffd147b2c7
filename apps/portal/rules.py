"""How readings, hours and the trail are told to a patient: pure decisions."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from apps.core.triage.types import Band, Direction
from apps.portal.types import Deed, Dot, Drawing, Goal, OwnReading, SeenBy, SeenRow, Standing, Strip

KG_PER_POUND = Decimal("0.45359237")
"""International avoirdupois pound, exactly."""

WIDTH, HEIGHT = 320, 150
_EDGE, _ROOM = 8, 0.08

_STANDINGS = {
    (Band.ADVISORY, Direction.HIGH): Standing.BIT_HIGH,
    (Band.ADVISORY, Direction.LOW): Standing.BIT_LOW,
    (Band.WARNING, Direction.HIGH): Standing.HIGH,
    (Band.WARNING, Direction.LOW): Standing.LOW,
    (Band.CRITICAL, Direction.HIGH): Standing.VERY_HIGH,
    (Band.CRITICAL, Direction.LOW): Standing.VERY_LOW,
}
_WRITES = ("message.", "call.")
_LISTS = ("triage.board", "patient.list", "patient.archived_list", "privacy.queue", "message.inbox", "device.list")


def standing_of(bands: Iterable[tuple[Band, Direction]]) -> Standing:
    """The worst of a reading's values; of a blood pressure the higher band of the two decides."""
    worst = max(bands, key=lambda one: one[0].rank, default=(Band.IN_RANGE, Direction.NONE))
    return _STANDINGS.get(worst, Standing.IN_GOAL)


def in_pounds(kilograms: Decimal) -> Decimal:
    """A weight as a scale in the United States shows it, to 0.1 lb."""
    return (kilograms / KG_PER_POUND).quantize(Decimal("0.1"), ROUND_HALF_UP)


def is_watched(now: datetime, starts: time, ends: time, days: Sequence[int], zone: str) -> bool:
    """Whether the team looks at readings at this moment: in service hours, by the practice's own clock."""
    local = now.astimezone(ZoneInfo(zone))
    return local.weekday() in days and starts <= local.time() < ends


def deed_of(action: str, changes: Iterable[str]) -> Deed:
    """What an act of the trail is to a patient. `changes` are the acts that write into the record."""
    if action in _LISTS:
        return Deed.LISTED
    if action.startswith(_WRITES) and action in set(changes):
        return Deed.WROTE
    return Deed.CHANGED if action in set(changes) else Deed.LOOKED


def seen_by_day(rows: Iterable[SeenRow], changes: Iterable[str], zone: str) -> tuple[SeenBy, ...]:
    """Rows, newest first, as one line for each person and day of the practice's zone, newest day first."""
    written = frozenset(changes)
    found: dict[tuple[date, str, str], list[Deed]] = {}
    for row in rows:
        day = row.at.astimezone(ZoneInfo(zone)).date()
        found.setdefault((day, row.who, row.role), []).append(deed_of(row.action, written))
    return tuple(
        SeenBy(day, who, role, tuple(deed for deed in Deed if deed in deeds), len(deeds))
        for (day, who, role), deeds in found.items()
    )


def drawing_of(
    readings: Sequence[OwnReading], goals: Sequence[Goal], since: datetime, until: datetime
) -> Drawing | None:
    """The readings as dots between two moments, with the goal behind them; None where there is nothing to draw."""
    values = [value for reading in readings for value in reading.values]
    if not values:
        return None
    ends = [float(end) for goal in goals for end in (goal.low, goal.high) if end is not None]
    lowest, highest = min(values + ends), max(values + ends)
    room = max((highest - lowest) * _ROOM, 1.0)
    bottom, top = lowest - room, highest + room
    span = max((until - since) / timedelta(seconds=1), 1.0)

    def across(at: datetime) -> float:
        return round(_EDGE + (WIDTH - 2 * _EDGE) * ((at - since) / timedelta(seconds=1)) / span, 1)

    def down(value: float) -> float:
        return round(HEIGHT * (top - value) / (top - bottom), 1)

    dots = tuple(
        Dot(across(reading.at), down(value), _level(reading.standing))
        for reading in readings
        for value in reading.values
    )
    strips = []
    for goal in goals:
        if goal.low is not None or goal.high is not None:
            upper = down(float(goal.high) if goal.high is not None else top)
            lower = down(float(goal.low) if goal.low is not None else bottom)
            strips.append(Strip(upper, round(lower - upper, 1)))
    return Drawing(WIDTH, HEIGHT, dots, tuple(strips), f"{lowest:g}", f"{highest:g}")


def _level(standing: Standing) -> str:
    if standing in (Standing.IN_GOAL, Standing.UNJUDGED):
        return "goal"
    return "far" if standing.is_serious else "off"

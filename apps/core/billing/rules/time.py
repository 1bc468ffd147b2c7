"""Minutes: which seconds count, for which month, and what they reach. Pure; stretches are milliseconds of the epoch.

Sources: CPT's time rules as CMS applies them (no rounding up: 19:59 is not 20; calendar month; one minute counts for
one code of one program; two staff at once are one set of minutes); requirements BIL-08, BIL-09, C-33.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from apps.core.billing.types import Stretch, TimeSource, left_of

TARGETS = (20, 40, 60)
"""Minutes of a calendar month: 99457 at 20, one unit of 99458 at 40, a second at 60 (BIL-08: two at most)."""

NEAR_MINUTES = 17
"""From here on a patient is close enough to 20 that somebody should look (BIL-14)."""

LONGEST_SECONDS = 4 * 60 * 60
"""No single piece of work on one patient is longer; an entry that says so is a slip of the pen."""

BY_MEASURE = (TimeSource.ACTIVITY,)
"""What gives way where the person documented something else for the same seconds."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry that nothing replaced, as the month is tallied: in this order of arrival."""

    program: str
    stretches: Sequence[Stretch]
    interactive: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """What a program's entries come to in a month."""

    seconds: int = 0
    interactive_seconds: int = 0
    contacts: int = 0


def milliseconds(moment: datetime) -> int:
    """A moment on the scale of stretches."""
    return (moment - _EPOCH) // _MILLISECOND


def moment_of(at: int) -> datetime:
    """The moment at this place of the scale, in UTC."""
    return _EPOCH + at * _MILLISECOND


def stretch(started_at: datetime, seconds: int) -> Stretch:
    """Unbroken work of this length."""
    begins = milliseconds(started_at)
    return begins, begins + seconds * 1000


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time, each millisecond once, in order; what touches is one."""
    found: list[Stretch] = []
    for begins, ends in sorted(stretches):
        if ends <= begins:
            continue
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(ends, found[-1][1]))
        else:
            found.append((begins, ends))
    return found


def without(stretches: Iterable[Stretch], taken: Iterable[Stretch]) -> list[Stretch]:
    """What of the stretches is not taken yet, merged."""
    others = merged(taken)
    return [left for begins, ends in merged(stretches) for left in left_of(begins, ends, others)]


def seconds_of(stretches: Iterable[Stretch]) -> int:
    """Whole seconds of merged stretches; a broken one is not counted."""
    return sum(ends - begins for begins, ends in stretches) // 1000


def first_of(day: date) -> date:
    """The first day of its calendar month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def previous_month(month: date) -> date:
    """The first day of the month before."""
    return first_of(month - timedelta(days=1))


def day_at(at: int, zone: str) -> date:
    """The day of this moment on the practice's calendar."""
    return moment_of(at).astimezone(ZoneInfo(zone)).date()


def by_month(stretches: Sequence[Stretch], zone: str) -> list[tuple[date, list[Stretch]]]:
    """The stretches by calendar month of the practice: one that crosses a month's end is split at local midnight."""
    found: dict[date, list[Stretch]] = {}
    for begins, ends in stretches:
        at = begins
        while at < ends:
            month = first_of(day_at(at, zone))
            midnight = milliseconds(datetime.combine(next_month(month), datetime.min.time(), tzinfo=ZoneInfo(zone)))
            found.setdefault(month, []).append((at, min(ends, midnight)))
            at = min(ends, midnight)
    return sorted(found.items())


def counted(entries: Sequence[Standing]) -> list[int]:
    """The seconds of each entry that count for the patient, in the order given.

    Where entries of two people or two programs cover the same time, it counts for one: for the live contact, else for
    the one that was there first.
    """
    found = [0] * len(entries)
    covered: list[Stretch] = []
    for place in sorted(range(len(entries)), key=lambda place: (not entries[place].interactive, place)):
        fresh = without(entries[place].stretches, covered)
        found[place] = seconds_of(fresh)
        covered = merged([*covered, *fresh])
    return found


def tallied(entries: Sequence[Standing]) -> dict[str, Tally]:
    """What a patient's entries of one month come to, by program. Each entry counts whole seconds."""
    found: dict[str, Tally] = {}
    for entry, seconds in zip(entries, counted(entries), strict=True):
        before = found.get(entry.program, Tally())
        found[entry.program] = Tally(
            seconds=before.seconds + seconds,
            interactive_seconds=before.interactive_seconds + (seconds if entry.interactive else 0),
            contacts=before.contacts + entry.interactive,
        )
    return found


def next_target(seconds: int) -> int | None:
    """The minutes that the next code asks for, or None where all are reached."""
    return next((target for target in TARGETS if seconds < target * 60), None)


def seconds_to_target(seconds: int) -> int:
    """What is missing to the next target; 0 beyond the last."""
    target = next_target(seconds)
    return 0 if target is None else target * 60 - seconds


def is_near(seconds: int) -> bool:
    """Whether the first 20 minutes are nearly there."""
    return NEAR_MINUTES * 60 <= seconds < TARGETS[0] * 60


def codes_of(program: str, seconds: int, contacts: int) -> tuple[str, ...]:
    """The management codes that an RPM month has reached. Without a live contact there is none."""
    if program != "rpm" or not contacts:
        return ()
    reached = sum(1 for target in TARGETS if seconds >= target * 60)
    return ("99457", *("99458",) * (reached - 1)) if reached else ()


def length_fault(seconds: int) -> str:
    """Why an entry can't be of this length: "too_short", "too_long", or nothing."""
    if seconds <= 0:
        return "too_short"
    return "too_long" if seconds > LONGEST_SECONDS else ""

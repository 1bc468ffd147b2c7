"""The compact history: 30 days of one patient's charted readings, as whole numbers of the displayed resolution.

A plain window is what JSON keeps: {"blood_pressure": [[seconds, 168, 102, mark, source, id], ...], ...}. Entries sort
by time and then by value, so that the order of arrival leaves no trace. Weights are tenths of a kilogram. `mark` is -1
for a meter's LO, 1 for HI, else 0; `source` is the period of wear, which weight rules compare within.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left, insort
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from apps.core.observations.types import Metric, OutOfRange, ReadingKind, RecordedObservation

WINDOW = timedelta(days=31)
"""30 days of history and the half day that the oldest comparison may need."""

METRICS: dict[ReadingKind, tuple[Metric, ...]] = {
    ReadingKind.BLOOD_PRESSURE: (Metric.SYSTOLIC, Metric.DIASTOLIC),
    ReadingKind.PULSE: (Metric.PULSE,),
    ReadingKind.SPO2: (Metric.SPO2,),
    ReadingKind.GLUCOSE: (Metric.GLUCOSE,),
    ReadingKind.WEIGHT: (Metric.WEIGHT,),
}
TENTHS = 10

PlainWindow = dict[str, list[list[Any]]]


class Point(NamedTuple):
    """One reading of the window. `values` follow the metrics of its kind; weights are tenths of a kilogram."""

    at: int
    values: tuple[int, ...]
    mark: int = 0
    source: str = ""
    id: str = ""


Window = dict[ReadingKind, list[Point]]


def whole(metric: Metric, shown: Decimal) -> int:
    """A displayed value as the window keeps it."""
    return int(shown * TENTHS) if metric is Metric.WEIGHT else int(shown)


def entry_of(observation: RecordedObservation) -> list[Any]:
    """The window's entry for a charted observation."""
    values = [whole(metric, observation.displayed[metric]) for metric in METRICS[observation.kind]]
    mark = 0
    for outside in observation.out_of_range.values():
        mark = -1 if outside is OutOfRange.LO else 1
    source = ""
    if observation.kind is ReadingKind.WEIGHT and observation.assignment_id:
        source = short_id(observation.assignment_id)
    return [int(observation.effective_at.timestamp()), *values, mark, source, short_id(observation.id)]


def short_id(row_id: UUID) -> str:
    """A row's id in 22 characters."""
    return urlsafe_b64encode(row_id.bytes)[:22].decode()


def long_id(short: str) -> UUID:
    """The id that `short_id` shortened."""
    return UUID(bytes=urlsafe_b64decode(short + "=="))


def add_entry(window: PlainWindow, kind: ReadingKind, entry: list[Any]) -> bool:
    """The entry stands in its place; False if it stood there before."""
    entries = window.setdefault(kind.value, [])
    place = bisect_left(entries, entry)
    if place < len(entries) and entries[place] == entry:
        return False
    insort(entries, entry)
    return True


def remove_entries(window: PlainWindow, ids: Iterable[UUID]) -> None:
    """No entry of these observations is left."""
    gone = {short_id(row_id) for row_id in ids}
    if gone:
        for kind, entries in window.items():
            window[kind] = [entry for entry in entries if entry[-1] not in gone]


def drop_before(window: PlainWindow, now: datetime) -> None:
    """Nothing older than the window's length is left."""
    oldest = int((now - WINDOW).timestamp())
    for entries in window.values():
        if entries and entries[0][0] < oldest:
            del entries[: bisect_left(entries, [oldest])]


def points_of(window: PlainWindow) -> Window:
    """The window as points, oldest first, without the kinds of which there are none."""
    opened: Window = {}
    for name, entries in window.items():
        kind = ReadingKind(name)
        if entries:
            end = 1 + len(METRICS[kind])
            opened[kind] = [
                Point(entry[0], tuple(entry[1:end]), entry[end], entry[end + 1], entry[end + 2]) for entry in entries
            ]
    return opened

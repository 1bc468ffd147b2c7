"""A month of measured work on the demonstration's patients, some of them just short of 20 minutes."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from apps.core.billing import services as billing
from apps.core.billing.selectors import month_at
from apps.core.billing.types import InvalidTime, TimeCategory
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor

_MINUTES = (18, 9, 21, 17, 4, 13, 39, 19, 0, 24, 7, 15, 45, 11, 2, 17, 61, 6, 20, 12)
"""Of each patient in turn, over and over."""
_KINDS = (TimeCategory.REVIEWING_VITALS, TimeCategory.TRIAGE, TimeCategory.REVIEWING_VITALS, TimeCategory.CARE_PLAN)
_STRETCH = 5
_REST = timedelta(seconds=40)
_SPOKE_TO_EVERY = 3
_OPENS, _CLOSES = time(8, 10), time(16, 50)


def record_work(patient_ids: Sequence[UUID], *, people: Sequence[Actor], zone: str, now: datetime) -> None:
    """The people have worked on the patients since the month began, in stretches of five minutes and within hours."""
    clocks = [_working_moments(now, zone) for _ in people]
    for number, patient_id in enumerate(patient_ids):
        place = number % len(people)
        wanted = _MINUTES[number % len(_MINUTES)]
        with audit.change("time.track", subject=("patient", patient_id), by=people[place]):
            for visit, kind in zip(range(0, wanted, _STRETCH), _KINDS * 4, strict=False):
                minutes = min(_STRETCH, wanted - visit)
                begins = next(clocks[place], None)
                if begins is None:
                    break
                billing.record_activity(
                    patient_id=patient_id,
                    person_id=_person(people[place]),
                    category=kind,
                    spans=[(begins, begins + timedelta(minutes=minutes, seconds=7 * number % 31))],
                    source_id=uuid5(patient_id, str(visit)),
                    by=people[place],
                )
        begins = next(clocks[place], None) if number % _SPOKE_TO_EVERY == 0 and wanted else None
        if begins is not None:
            _spoke(patient_id, begins, people[place], now)


def _spoke(patient_id: UUID, begins: datetime, by: Actor, now: datetime) -> None:
    try:
        billing.record_manual_time(
            patient_id=patient_id,
            category=TimeCategory.COMMUNICATION,
            started_at=begins,
            seconds=60,
            interactive=True,
            reason="Spoke in the waiting room about the week's readings",
            by=by,
            now=now,
        )
    except InvalidTime:
        return


def _working_moments(now: datetime, zone: str) -> Iterator[datetime]:
    """Beginnings of stretches, from the first working day of the month until shortly before now."""
    local = ZoneInfo(zone)
    day = month_at(now)
    while day <= now.astimezone(local).date():
        at = datetime.combine(day, _OPENS, tzinfo=local)
        while day.weekday() < 5 and at < datetime.combine(day, _CLOSES, tzinfo=local):
            if at + timedelta(minutes=_STRETCH + 1) >= now:
                return
            yield at
            at += timedelta(minutes=_STRETCH) + _REST
        day += timedelta(days=1)


def _person(by: Actor) -> UUID:
    if by.person_id is None:
        raise ValueError("only people work")
    return by.person_id

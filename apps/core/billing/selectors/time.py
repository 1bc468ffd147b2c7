"""What patients' time of a month comes to."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.authentication.types import Permission
from apps.core.billing.models import MonthlyTime
from apps.core.billing.rules.time import codes_of, first_of, next_target, seconds_to_target
from apps.core.billing.types import MonthTime
from apps.core.patients.types import Program
from apps.foundation.tenancy.selectors import get_practice
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor


def month_time(
    patient_ids: Collection[UUID],
    *,
    by: Actor,
    now: datetime,
    program: Program = Program.RPM,
) -> dict[UUID, MonthTime]:
    """What each of these patients has in this calendar month of the practice; those without time are in it with 0.

    A part of a page about the patients: whoever shows it has recorded the disclosure. Two queries.
    """
    by.require(Permission.TIME_READ)
    month = month_at(now)
    rows = MonthlyTime.objects.filter(patient_id__in=set(patient_ids), month=month, program=program)
    found = {row.patient_id: reading_of(row) for row in rows}
    return {
        patient_id: found.get(patient_id) or MonthTime(patient_id, month, program) for patient_id in set(patient_ids)
    }


def month_at(now: datetime) -> date:
    """The first day of the calendar month that it is in the practice in scope."""
    zone = get_practice(current_practice_id()).time_zone
    return first_of(now.astimezone(ZoneInfo(zone)).date())


def reading_of(row: MonthlyTime) -> MonthTime:
    """A counter as it is read. For this app's own selectors."""
    return MonthTime(
        patient_id=row.patient_id,
        month=row.month,
        program=Program(row.program),
        seconds=row.seconds,
        interactive_seconds=row.interactive_seconds,
        contacts=row.contacts,
        minutes=row.seconds // 60,
        next_target=next_target(row.seconds),
        seconds_to_target=seconds_to_target(row.seconds),
        codes=codes_of(row.program, row.seconds, row.contacts),
    )

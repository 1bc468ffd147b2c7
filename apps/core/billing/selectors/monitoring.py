"""The minutes of the month, patient by patient, closest to the next target first (BIL-14)."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count

from apps.authentication.types import Permission
from apps.core.billing.models import DeviceDay, MonthlyTime
from apps.core.billing.rules.time import TARGETS, is_near, next_month, seconds_to_target
from apps.core.billing.selectors.time import reading_of
from apps.core.billing.types import MonitoringFilters, MonitoringLine, MonitoringPage, MonthTime
from apps.core.patients.selectors import monitored_ids, patient_banners
from apps.core.patients.types import Program
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.selectors import get_practice
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.types import place_of_page

PAGE_SIZE = 25
_NOTHING_MISSING = 10_000


def monitoring_page(filters: MonitoringFilters, *, by: Actor, now: datetime) -> MonitoringPage:
    """One page of the active patients with their time and device-days of the month; the disclosure is recorded.

    Who has nothing yet is in it. Remote monitoring has everybody; another program those who are in it.
    """
    by.require(Permission.TIME_READ)
    program = filters.program
    ids = monitored_ids(program=None if program is Program.RPM else program, only_mine=filters.only_mine, by=by)
    counters = _counters(filters.month, program)
    seconds = {patient_id: counters[patient_id].seconds if patient_id in counters else 0 for patient_id in ids}
    near = [patient_id for patient_id in ids if is_near(seconds[patient_id])]
    shown = near if filters.only_near else ids
    total = len(shown)
    number, place = place_of_page(filters.page, total, PAGE_SIZE)
    on_page = sorted(shown, key=lambda patient_id: (*_closeness(seconds[patient_id]), patient_id))[place]
    banners = patient_banners(on_page, by=by)
    days = device_days_of(on_page, filters.month)
    audit.record_further_disclosure("time.monitoring", subjects=[("patient", one) for one in banners], by=by)
    lines = tuple(
        MonitoringLine(
            banner=banners[patient_id],
            time=counters.get(patient_id) or MonthTime(patient_id, filters.month, program),
            device_days=days.get(patient_id, 0),
            is_near=is_near(seconds[patient_id]),
        )
        for patient_id in on_page
        if patient_id in banners
    )
    reached = [
        counters[patient_id] for patient_id in ids if patient_id in counters and seconds[patient_id] >= TARGETS[0] * 60
    ]
    return MonitoringPage(
        rows=lines,
        total=total,
        page=number,
        page_size=PAGE_SIZE,
        near=len(near),
        reached=len(reached),
        without_contact=sum(1 for time in reached if not time.has_contact),
        days_left=_days_left(filters.month, now),
    )


def device_days_of(patient_ids: Collection[UUID], month: date) -> dict[UUID, int]:
    """How many device-days each of these patients has in this month; those without are left out. One query."""
    rows = DeviceDay.objects.filter(
        patient_id__in=patient_ids, local_date__gte=month, local_date__lt=next_month(month)
    ).order_by()
    return dict(rows.values("patient_id").annotate(days=Count("id")).values_list("patient_id", "days"))


def _counters(month: date, program: Program) -> dict[UUID, MonthTime]:
    rows = MonthlyTime.objects.filter(month=month, program=program)
    return {row.patient_id: reading_of(row) for row in rows}


def _closeness(seconds: int) -> tuple[int, int]:
    """Who is about to reach something stands first; who has reached everything stands last."""
    return seconds_to_target(seconds) or _NOTHING_MISSING, -seconds


def _days_left(month: date, now: datetime) -> int:
    """The days of the month that are left, today included; 0 for another month."""
    today = now.astimezone(ZoneInfo(get_practice(current_practice_id()).time_zone)).date()
    return (next_month(month) - today).days if today.replace(day=1) == month else 0

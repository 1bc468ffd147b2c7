"""Counting device-days as readings arrive, and making months final."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from apps.core.billing.models import BillingPeriod, DeviceDay
from apps.core.billing.selectors.days import open_periods
from apps.core.billing.types import DeviceDayInput, OpenPeriod
from apps.core.observations.selectors import first_device_readings
from apps.foundation.tenancy.types import Actor


def count_device_days(days: Sequence[DeviceDayInput], *, by: Actor) -> None:
    """Every (patient, local date) stands in the table exactly once, however often it is given. Two queries at most.

    A device-day is a distinct local date, not a reading (requirements ING-15; CPT 99454 asks for days with data).
    Runs inside the caller's audited batch and practice scope.
    """
    first_of_day = {(day.patient_id, day.local_date): day for day in reversed(days)}
    rows = [
        DeviceDay(patient_id=patient_id, local_date=local_date, observation_id=day.observation_id)
        for (patient_id, local_date), day in first_of_day.items()
    ]
    if rows:
        DeviceDay.objects.bulk_create(rows, ignore_conflicts=True)


def recount_device_days(days: Collection[tuple[UUID, date]], *, by: Actor) -> None:
    """Counted dates of these (patient, local date) stand on a charted device reading of that date, or are gone.

    For when readings turned out to repeat others. Runs inside the caller's audited batch and practice scope.
    """
    if not days:
        return
    evidence = first_device_readings(days)
    rows = DeviceDay.objects.filter(
        patient_id__in={patient_id for patient_id, _day in days}, local_date__in={day for _patient, day in days}
    )
    gone = []
    for row in rows:
        place = (row.patient_id, row.local_date)
        if place in days and place not in evidence:
            gone.append(row.id)
        elif place in days and row.observation_id != evidence[place]:
            DeviceDay.objects.filter(id=row.id).update(observation_id=evidence[place])
    if gone:
        DeviceDay.objects.filter(id__in=gone).delete()


def finalise_periods(*, patient_id: UUID, by: Actor, now: datetime) -> tuple[OpenPeriod, ...]:
    """Every month of the patient is final with the device-days counted by now; the months that were open are returned.

    Runs inside the caller's audited change, which holds the patient's row.
    """
    open_now = open_periods(patient_id, by)
    final = {row.first_day: row for row in BillingPeriod.objects.filter(patient_id=patient_id)}
    for period in open_now:
        row = final.get(period.first_day) or BillingPeriod(patient_id=patient_id, first_day=period.first_day)
        row.device_days = period.device_days
        row.finalised_at = now
        row.finalised_by_id = by.person_id
        row.save()
    return open_now

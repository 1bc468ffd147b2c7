"""What a patient's entries come to in a month, kept as entries arrive; and counted anew to prove it."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from apps.core.billing.models import MonthlyTime, TimeEntry
from apps.core.billing.rules.time import Standing, Tally, tallied
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor

PatientMonth = tuple[UUID, date]


def count_again(places: Collection[PatientMonth]) -> int:
    """The counters of these (patient, month) say what the standing entries come to; how many of them did not.

    Runs inside the caller's audited change, which holds the patients' rows. Two queries, and one for each difference.
    """
    if not places:
        return 0
    wanted = set(places)
    patients, months = {patient for patient, _ in wanted}, {month for _, month in wanted}
    entries = _standing(patients, months)
    there = MonthlyTime.objects.filter(patient_id__in=patients, month__in=months)
    counters = {(row.patient_id, row.month, row.program): row for row in there}
    wrong = 0
    for patient_id, month in sorted(wanted):
        found = tallied(entries.get((patient_id, month), []))
        programs = {program for patient, at, program in counters if (patient, at) == (patient_id, month)}
        for program in sorted(programs | set(found)):
            tally = found.get(program, Tally())
            row = counters.get((patient_id, month, program)) or MonthlyTime(
                patient_id=patient_id, month=month, program=program
            )
            wrong += _set(row, tally)
    return wrong


def recount_month(*, month: date, by: Actor) -> int:
    """Every counter of this month says what its entries come to; how many did not. 0 is the proof that they agree."""
    by.require("time.correct")
    with audit.change("time.recount", by=by) as log:
        named = TimeEntry.objects.filter(month=month).order_by().values_list("patient_id", flat=True).distinct()
        counters = MonthlyTime.objects.filter(month=month).order_by().values_list("patient_id", flat=True).distinct()
        wrong = count_again({(patient_id, month) for patient_id in {*named, *counters}})
        log.note(month=month, differed=wrong)
    return wrong


def _set(row: MonthlyTime, tally: Tally) -> bool:
    """The counter says this; whether it said something else before."""
    before = (row.seconds, row.interactive_seconds, row.contacts)
    after = (tally.seconds, tally.interactive_seconds, tally.contacts)
    if before == after and not row._state.adding:
        return False
    row.seconds, row.interactive_seconds, row.contacts = after
    row.save()
    return before != after


def _standing(patients: set[UUID], months: set[date]) -> dict[PatientMonth, list[Standing]]:
    """The entries that nothing replaced, by patient and month, in order of arrival."""
    rows = TimeEntry.objects.filter(patient_id__in=patients, month__in=months, replaced_by__isnull=True)
    found: dict[PatientMonth, list[Standing]] = {}
    columns = ("patient_id", "month", "program", "stretches", "interactive")
    for patient_id, month, program, stretches, interactive in rows.order_by("recorded_at", "id").values_list(*columns):
        place = Standing(program, [(begins, ends) for begins, ends in stretches], interactive)
        found.setdefault((patient_id, month), []).append(place)
    return found

"""Finding a patient outside one's panel: only by what somebody knows who stands before the patient."""

import re
from datetime import date, datetime
from uuid import UUID

from apps.authentication.types import Permission
from apps.core.patients.models import Patient
from apps.core.patients.selectors.panels import panel_of, reached_by
from apps.core.patients.selectors.patients import visible_patients, with_mrn
from apps.core.patients.selectors.search import MAX_PAGE_SIZE, find_page
from apps.core.patients.types import PatientFilters
from apps.foundation.audit import services as audit
from apps.foundation.encryption.rules import normalise_name
from apps.foundation.tenancy.types import Actor

_DAY = re.compile(r"\b(\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4})\b")


def found_outside(typed: str, *, by: Actor) -> tuple[UUID, ...]:
    """The patients outside the actor's panel with exactly this MRN, or this full name and date of birth.

    Nothing of them is told but that they are there, which is recorded. Nobody where panels limit nothing.
    """
    member = panel_of(by)
    if member is None or not typed.strip() or not by.may(Permission.PATIENT_EMERGENCY):
        return ()
    ids = [row.id for row in _known_by(typed)]
    mine = set(Patient.objects.filter(reached_by(member), id__in=ids).values_list("id", flat=True)) if ids else set()
    outside = tuple(row_id for row_id in ids if row_id not in mine)
    audit.record_disclosure("patient.emergency_offer", subjects=[("patient", row_id) for row_id in outside], by=by)
    return outside


def _known_by(typed: str) -> list[Patient]:
    held = with_mrn(visible_patients(), typed)
    if held is not None:
        return [held]
    day = _DAY.search(typed)
    born = _read(day[1]) if day else None
    if day is None or born is None:
        return []
    name = (typed[: day.start()] + " " + typed[day.end() :]).strip(" ,;")
    words = sorted(normalise_name(name).split())
    if len(words) < 2:
        return []
    rows, _total, _page = find_page(PatientFilters(query=name, status=None), 1, MAX_PAGE_SIZE)
    return [
        row
        for row in rows
        if row.date_of_birth == born and sorted(normalise_name(f"{row.first_name} {row.last_name}").split()) == words
    ]


def _read(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None

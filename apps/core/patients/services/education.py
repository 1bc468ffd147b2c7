"""What patients are taught before monitoring begins: the evidence of CPT 99453."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from apps.authentication.types import Permission
from apps.core.patients.models import EducationRecord
from apps.core.patients.rules.programs import day_fault
from apps.core.patients.services.days import latest_day
from apps.core.patients.services.records import lock_open_record
from apps.core.patients.types import EducationTopic, InvalidPatient
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor


def record_education(
    *, patient_id: UUID, topics: Sequence[EducationTopic | str], taught_on: date, note: str = "", by: Actor
) -> None:
    """The topics were taught on that day by whoever records it. What was recorded once keeps its day.

    Raises NotFound, or InvalidPatient naming the fields at fault: under "topics" for one that is recorded already.
    """
    by.require(Permission.PATIENT_CHANGE)
    wanted = list(dict.fromkeys(topics))
    with audit.change("patient.education_record", subject=("patient", patient_id), by=by):
        patient = lock_open_record(patient_id)
        faults = {"taught_on": code} if (code := day_fault(taught_on, latest_day(patient))) else {}
        if not wanted:
            faults["topics"] = "required"
        elif not set(wanted) <= set(EducationTopic):
            faults["topics"] = "unknown_choice"
        elif EducationRecord.objects.filter(patient_id=patient_id, topic__in=wanted).exists():
            faults["topics"] = "recorded_before"
        if faults:
            raise InvalidPatient(faults)
        for topic in wanted:
            EducationRecord(
                patient_id=patient_id,
                topic=EducationTopic(topic).value,
                taught_on=taught_on,
                taught_by_id=by.person_id,
                note=note.strip(),
            ).save()

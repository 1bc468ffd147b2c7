"""What patients say about how they feel."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from apps.authentication.types import Permission
from apps.core.patients import selectors as patients
from apps.core.patients.services import require_open_record
from apps.core.patients.types import NotFound
from apps.core.triage.models import SymptomReport
from apps.core.triage.rules.symptoms import alarming_in, reported_in, severity_of
from apps.core.triage.services.assessment import look_again
from apps.core.triage.services.casebook import Casebook
from apps.core.triage.services.episodes import Finding, apply_finding
from apps.core.triage.types import RuleCode, Severity, Symptom, SymptomSeverity
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor


def report_symptoms(
    *, patient_id: UUID, answers: Mapping[str, bool | str], by: Actor, now: datetime
) -> SymptomSeverity:
    """The report is kept and counts in the score; a red flag stands at once as a critical alert that people hear of.

    `answers` names symptoms by their codes with yes, no or words; what isn't named wasn't there. Words that may mean an
    emergency are a red flag, too. By the patient, whose own record the caller has made sure it is, or by staff for
    them. Returns how urgent the report is, for what the patient is told: at a red flag to call 911. Raises NotFound,
    InvalidPatient for an archived patient, or SymptomsRefused.
    """
    if not by.may(Permission.PORTAL_USE):
        by.require(Permission.CARE_RECORD)
    alarming = alarming_in(answers)
    severity = severity_of(reported_in(answers), alarming)
    with audit.change("symptoms.report", subject=("patient", patient_id), by=by):
        contexts = patients.patient_contexts([patient_id])
        if patient_id not in contexts:
            raise NotFound("patient")
        require_open_record(patient_id)
        book = Casebook(contexts, by=by, now=now)
        case = book[patient_id]
        report = SymptomReport(patient_id=patient_id, reported_at=now, severity=severity.value, answers=dict(answers))
        report.save()
        at = int(now.timestamp())
        case.memory["symptom"] = {"at": at, "severity": severity.value}
        if severity is SymptomSeverity.RED_FLAG:
            before = case.open.get(RuleCode.SYMPTOM_RED_FLAG)
            known = before.facts["symptoms"] if before else ()
            flags = [one.value for one in Symptom if one in alarming or one.value in known]
            facts = {"symptoms": flags, "at": at}
            apply_finding(
                book, case, Finding(RuleCode.SYMPTOM_RED_FLAG, Severity.CRITICAL, 0, at, str(report.id), facts)
            )
        look_again(book, case)
        book.rescore(case, cause="symptom", shown_differently=True)
        book.save()
    return severity

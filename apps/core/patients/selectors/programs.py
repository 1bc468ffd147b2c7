"""Reading the rest of a patient's record: in a constant number of queries, as one disclosure."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from apps.authentication.selectors import members_by_id
from apps.authentication.types import Permission
from apps.core.patients.models import (
    CareGoal,
    CareTeamMember,
    ConsentRecord,
    Coverage,
    DeviceAssignment,
    Diagnosis,
    EducationRecord,
    EpisodeOfCare,
    Patient,
)
from apps.core.patients.rules.programs import education_evidence as evidence_of
from apps.core.patients.rules.programs import enrolment_steps
from apps.core.patients.selectors.devices import assignment_view, worn_devices
from apps.core.patients.selectors.patients import banner_of, find_patient, visible_patients
from apps.core.patients.types import (
    AssignmentView,
    ConsentCopy,
    ConsentMethod,
    ConsentView,
    CoverageView,
    DiagnosisView,
    EducationEvidence,
    EducationTopic,
    EducationView,
    Enrolment,
    EnrolmentFacts,
    EpisodeStatus,
    EpisodeView,
    GoalStatus,
    GoalView,
    NotFound,
    PatientRecord,
    Program,
    Relationship,
    TeamMemberView,
    TeamRole,
    ThresholdProfile,
)
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.selectors import get_practice
from apps.foundation.tenancy.types import Actor

Names = dict[UUID, str]
_PEOPLE = (
    "recorded_by_id",
    "withdrawal_recorded_by_id",
    "order_asked_of_id",
    "ordered_by_id",
    "taught_by_id",
    "set_by_id",
    "member_id",
    "assigned_provider_id",
)


def record_of(patient_id: UUID, *, by: Actor) -> PatientRecord:
    """Everything of the Record tab, and the disclosure is recorded once. Raises NotFound."""
    by.require(Permission.PATIENT_READ)
    patient = find_patient(patient_id)
    coverages = _open_first(Coverage, patient_id, "ends_on", "priority", "-starts_on", "-id")
    diagnoses = _open_first(Diagnosis, patient_id, "resolved_on", "-is_primary", "created_at", "id")
    episodes = _open_first(EpisodeOfCare, patient_id, "ends_on", "-starts_on", "-id")
    consents = _open_first(ConsentRecord, patient_id, "withdrawn_on", "-given_on", "-id")
    topics = [topic.value for topic in EducationTopic]
    education = sorted(EducationRecord.objects.filter(patient_id=patient_id), key=lambda row: topics.index(row.topic))
    goals = _open_first(CareGoal, patient_id, "closed_at", "-created_at", "-id")
    team = _open_first(CareTeamMember, patient_id, "ends_on", "starts_on", "id")
    worn = worn_devices(patient_id)
    names = _names([patient], diagnoses, episodes, consents, education, goals, team)
    audit.record_disclosure("patient.record", subjects=[("patient", patient_id)], by=by)
    evidence = evidence_of({EducationTopic(row.topic): row.taught_on for row in education})
    rpm = next((row for row in episodes if row.program == Program.RPM and row.ends_on is None), None)
    facts = EnrolmentFacts(
        has_contact=_has_contact(patient),
        has_consent=any(row.program == Program.RPM and row.withdrawn_on is None for row in consents),
        is_ordered=rpm is not None and rpm.status == EpisodeStatus.ACTIVE,
        is_planned=rpm is not None and rpm.status == EpisodeStatus.PLANNED,
        has_coverage=any(row.ends_on is None for row in coverages),
        has_diagnosis=any(row.resolved_on is None for row in diagnoses),
        has_device=bool(worn),
        topics_taught=len(evidence.taught),
        thresholds_chosen=_thresholds_chosen(patient),
    )
    return PatientRecord(
        banner=banner_of(patient),
        coverages=tuple(_coverage(row) for row in coverages),
        diagnoses=tuple(_diagnosis(row, names) for row in diagnoses),
        episodes=tuple(_episode(row, names) for row in episodes),
        consents=tuple(consent_view(row, _name(names, row.recorded_by_id)) for row in consents),
        education=tuple(_education(row, names) for row in education),
        evidence=evidence,
        goals=tuple(_goal(row, names) for row in goals),
        care_team=tuple(_team_member(row, names) for row in team),
        provider_name=_name(names, patient.assigned_provider_id),
        threshold_profile=_threshold_profile(patient),
        thresholds_chosen=facts.thresholds_chosen,
        enrolment=_enrolment(facts, _name(names, rpm.order_asked_of_id) if rpm else ""),
        unconfirmed=tuple(view for view in worn if view.asks_for_wearer),
    )


def enrolment_of(patient_id: UUID, *, by: Actor) -> tuple[Enrolment, tuple[AssignmentView, ...]]:
    """How far the enrolment has come, and the worn devices whose first reading nobody has confirmed.

    A part of a page about the patient: whoever shows it has recorded the disclosure. Raises NotFound.
    """
    by.require(Permission.PATIENT_READ)
    mine: dict[str, Any] = {"patient_id": OuterRef("id")}
    patient = (
        visible_patients()
        .annotate(
            has_consent=Exists(ConsentRecord.objects.filter(**mine, program=Program.RPM, withdrawn_on__isnull=True)),
            has_coverage=Exists(Coverage.objects.filter(**mine, ends_on__isnull=True)),
            has_diagnosis=Exists(Diagnosis.objects.filter(**mine, resolved_on__isnull=True)),
        )
        .filter(id=patient_id)
        .first()
    )
    if patient is None:
        raise NotFound("patient")
    rpm = EpisodeOfCare.objects.filter(patient_id=patient_id, program=Program.RPM, ends_on__isnull=True).first()
    worn = worn_devices(patient_id)
    planned = rpm is not None and rpm.status == EpisodeStatus.PLANNED
    facts = EnrolmentFacts(
        has_contact=_has_contact(patient),
        has_consent=patient.has_consent,
        is_ordered=rpm is not None and rpm.status == EpisodeStatus.ACTIVE,
        is_planned=planned,
        has_coverage=patient.has_coverage,
        has_diagnosis=patient.has_diagnosis,
        has_device=bool(worn),
        topics_taught=EducationRecord.objects.filter(patient_id=patient_id).count(),
        thresholds_chosen=_thresholds_chosen(patient),
    )
    asked = rpm.order_asked_of_id if rpm is not None and planned else None
    name = _name(_member_names({asked}), asked) if asked else ""
    return _enrolment(facts, name), tuple(view for view in worn if view.asks_for_wearer)


def education_evidence(patient_id: UUID) -> EducationEvidence:
    """What of the education behind CPT 99453 is on record, and since when it is complete. For the system's own work."""
    rows = EducationRecord.objects.filter(patient_id=patient_id).values_list("topic", "taught_on")
    taught: dict[EducationTopic, date] = {EducationTopic(topic): day for topic, day in rows}
    return evidence_of(taught)


def consent_copy(patient_id: UUID, consent_id: UUID, *, by: Actor) -> ConsentCopy:
    """What the printed copy of a consent says, and the disclosure is recorded. Raises NotFound."""
    by.require(Permission.PATIENT_READ)
    patient = find_patient(patient_id)
    row = ConsentRecord.objects.filter(id=consent_id, patient_id=patient_id).first()
    if row is None:
        raise NotFound("consent")
    audit.record_disclosure("patient.consent_copy", subjects=[("patient", patient_id)], by=by)
    shown = consent_view(row, _name(_names([row]), row.recorded_by_id))
    return ConsentCopy(banner_of(patient), shown, get_practice(patient.practice_id).name)


def worn_by(patient_id: UUID, assignment_id: UUID, *, by: Actor) -> AssignmentView:
    """One period of wear of this patient, and the disclosure is recorded. Raises NotFound."""
    by.require(Permission.DEVICE_READ)
    find_patient(patient_id)
    rows = DeviceAssignment.objects.filter(id=assignment_id, patient_id=patient_id)
    row: DeviceAssignment | None = rows.select_related("device").first()
    if row is None:
        raise NotFound("assignment")
    audit.record_disclosure("patient.devices", subjects=[("patient", patient_id)], by=by)
    return assignment_view(row)


def _open_first(model: Any, patient_id: UUID, closes: str, *order: str) -> list[Any]:
    rows = model.objects.filter(patient_id=patient_id).order_by(*order)
    return sorted(rows, key=lambda row: getattr(row, closes) is not None)


def _has_contact(patient: Patient) -> bool:
    address = (patient.address_lines, patient.city, patient.state, patient.postal_code)
    return bool(patient.phone) and all(address)


def _thresholds_chosen(patient: Patient) -> bool:
    return bool(patient.clinical_profile.get("thresholds_chosen"))


def _threshold_profile(patient: Patient) -> ThresholdProfile:
    low = patient.clinical_flag("oxygen_target_low")
    return ThresholdProfile.OXYGEN_LOW if low else ThresholdProfile.STANDARD


def _enrolment(facts: EnrolmentFacts, asked_of: str) -> Enrolment:
    return Enrolment(enrolment_steps(facts), facts.is_planned, asked_of if facts.is_planned else "")


def _names(*groups: Iterable[Any]) -> Names:
    ids = {getattr(row, name, None) for group in groups for row in group for name in _PEOPLE}
    return _member_names(ids)


def _member_names(ids: Iterable[UUID | None]) -> Names:
    wanted = {one for one in ids if one is not None}
    return {key: member.full_name for key, member in members_by_id(wanted).items()} if wanted else {}


def _name(names: Names, user_id: UUID | None) -> str:
    return names.get(user_id, "") if user_id else ""


def _coverage(row: Coverage) -> CoverageView:
    return CoverageView(
        id=row.id,
        priority=row.priority,
        payer_name=row.payer_name,
        payer_code=row.payer_code,
        member_id=row.member_id,
        group_number=row.group_number,
        plan_name=row.plan_name,
        relationship=Relationship(row.relationship),
        subscriber_first_name=row.subscriber_first_name,
        subscriber_last_name=row.subscriber_last_name,
        subscriber_date_of_birth=row.subscriber_date_of_birth,
        subscriber_gender=row.subscriber_gender,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


def _diagnosis(row: Diagnosis, names: Names) -> DiagnosisView:
    return DiagnosisView(
        id=row.id,
        code=row.code,
        description=row.description,
        condition=row.condition,
        is_primary=row.is_primary,
        onset_on=row.onset_on,
        recorded_by_name=_name(names, row.recorded_by_id),
        resolved_on=row.resolved_on,
    )


def _episode(row: EpisodeOfCare, names: Names) -> EpisodeView:
    return EpisodeView(
        id=row.id,
        program=Program(row.program),
        status=EpisodeStatus(row.status),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        end_reason=row.end_reason,
        order_asked_of=row.order_asked_of_id,
        order_asked_of_name=_name(names, row.order_asked_of_id),
        ordered_by=row.ordered_by_id,
        ordered_by_name=_name(names, row.ordered_by_id),
        ordered_at=row.ordered_at,
        order_note=row.order_note,
    )


def consent_view(row: ConsentRecord, recorded_by: str) -> ConsentView:
    """A consent as pages show it. For this app's own selectors."""
    return ConsentView(
        id=row.id,
        program=Program(row.program),
        version=row.version,
        language=row.language,
        method=ConsentMethod(row.method),
        given_on=row.given_on,
        given_by=row.given_by,
        is_representative=row.is_representative,
        representative_relationship=row.representative_relationship,
        recorded_by_name=recorded_by,
        recorded_at=row.recorded_at,
        withdrawn_on=row.withdrawn_on,
        withdrawal_reason=row.withdrawal_reason,
    )


def _education(row: EducationRecord, names: Names) -> EducationView:
    return EducationView(EducationTopic(row.topic), row.taught_on, _name(names, row.taught_by_id), row.note)


def _goal(row: CareGoal, names: Names) -> GoalView:
    return GoalView(
        id=row.id,
        description=row.description,
        target=row.target,
        target_on=row.target_on,
        status=GoalStatus(row.status),
        set_by_name=_name(names, row.set_by_id),
        closed_at=row.closed_at,
        outcome=row.outcome,
    )


def _team_member(row: CareTeamMember, names: Names) -> TeamMemberView:
    role = TeamRole(row.team_role)
    return TeamMemberView(row.id, row.member_id, _name(names, row.member_id), role, row.starts_on, row.ends_on)

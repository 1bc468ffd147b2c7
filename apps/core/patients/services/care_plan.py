"""Goals, the care team, and the limits that were chosen for a patient."""

from datetime import date
from uuid import UUID

from django.utils import timezone

from apps.authentication.selectors import is_member
from apps.authentication.types import Permission
from apps.core.patients.models import CareGoal, CareTeamMember
from apps.core.patients.rules.programs import day_fault, text_faults
from apps.core.patients.services.days import latest_day
from apps.core.patients.services.records import lock_open_record
from apps.core.patients.types import GoalStatus, InvalidPatient, NotFound, TeamRole, ThresholdProfile
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor

GOAL_MAX, TARGET_MAX = 1000, 120


def add_goal(*, patient_id: UUID, description: str, target: str = "", target_on: date | None = None, by: Actor) -> UUID:
    """The goal is open; its id is returned. Raises NotFound, or InvalidPatient naming the fields at fault."""
    by.require(Permission.PATIENT_CHANGE)
    texts = {"description": description.strip(), "target": target.strip()}
    faults = text_faults(texts, {"description": GOAL_MAX, "target": TARGET_MAX}, ("description",))
    if faults:
        raise InvalidPatient(faults)
    with audit.change("patient.goal_add", subject=("patient", patient_id), by=by):
        lock_open_record(patient_id)
        goal = CareGoal(
            patient_id=patient_id, target_on=target_on, status=GoalStatus.ACTIVE.value, set_by_id=by.person_id, **texts
        )
        goal.save()
        return goal.id


def close_goal(*, patient_id: UUID, goal_id: UUID, status: GoalStatus | str, outcome: str = "", by: Actor) -> None:
    """The goal is completed, or cancelled for the reason that the outcome says.

    Raises NotFound where no such goal is open, or InvalidPatient.
    """
    by.require(Permission.PATIENT_CHANGE)
    outcome = outcome.strip()
    faults = {} if status in (GoalStatus.COMPLETED, GoalStatus.CANCELLED) else {"status": "unknown_choice"}
    if status == GoalStatus.CANCELLED and not outcome:
        faults["outcome"] = "required"
    if faults:
        raise InvalidPatient(faults)
    with audit.change("patient.goal_close", subject=("patient", patient_id), by=by):
        lock_open_record(patient_id)
        goal: CareGoal | None = CareGoal.objects.filter(
            id=goal_id, patient_id=patient_id, status=GoalStatus.ACTIVE
        ).first()
        if goal is None:
            raise NotFound("goal")
        goal.status = GoalStatus(status).value
        goal.outcome = outcome
        goal.closed_at = timezone.now()
        goal.save()


def add_team_member(
    *, patient_id: UUID, member_id: UUID, team_role: TeamRole | str, starts_on: date, by: Actor
) -> UUID:
    """The member of the practice belongs to the patient's team from that day on; the row's id is returned.

    Raises NotFound, or InvalidPatient naming the fields at fault.
    """
    by.require(Permission.PATIENT_CHANGE)
    faults = {} if team_role in set(TeamRole) else {"team_role": "unknown_choice"}
    if by.circumstance:
        faults["member_id"] = "in_emergency"
    with audit.change("patient.team_member_add", subject=("patient", patient_id), by=by):
        patient = lock_open_record(patient_id)
        if code := day_fault(starts_on, latest_day(patient)):
            faults["starts_on"] = code
        if not is_member(member_id):
            faults["member_id"] = "unknown_choice"
        elif CareTeamMember.objects.filter(patient_id=patient_id, member_id=member_id, ends_on__isnull=True).exists():
            faults["member_id"] = "on_team"
        if faults:
            raise InvalidPatient(faults)
        row = CareTeamMember(
            patient_id=patient_id, member_id=member_id, team_role=TeamRole(team_role).value, starts_on=starts_on
        )
        row.save()
        return row.id


def end_team_member(*, patient_id: UUID, team_member_id: UUID, ends_on: date, by: Actor) -> None:
    """The person's last day in the team is `ends_on`. Raises NotFound where they are not in it, or InvalidPatient."""
    by.require(Permission.PATIENT_CHANGE)
    with audit.change("patient.team_member_end", subject=("patient", patient_id), by=by):
        patient = lock_open_record(patient_id)
        row: CareTeamMember | None = CareTeamMember.objects.filter(
            id=team_member_id, patient_id=patient_id, ends_on__isnull=True
        ).first()
        if row is None:
            raise NotFound("team member")
        if code := day_fault(ends_on, latest_day(patient), not_before=row.starts_on):
            raise InvalidPatient({"ends_on": code})
        row.ends_on = ends_on
        row.save()


def choose_thresholds(*, patient_id: UUID, profile: ThresholdProfile | str, by: Actor) -> None:
    """The patient is judged by this profile, and it is on record that somebody chose it.

    Confirming the profile in force is anybody's who keeps records; another one is chosen by those who may change
    thresholds (requirements 4.1: the low oxygen target is applied only when a clinician marks the patient). Triage
    judges anew. Raises NotFound, or InvalidPatient.
    """
    by.require(Permission.PATIENT_CHANGE)
    if profile not in set(ThresholdProfile):
        raise InvalidPatient({"profile": "unknown_choice"})
    low = profile == ThresholdProfile.OXYGEN_LOW
    with audit.change("patient.thresholds_choose", subject=("patient", patient_id), by=by):
        patient = lock_open_record(patient_id)
        if low != patient.clinical_flag("oxygen_target_low") and not by.may(Permission.THRESHOLD_CHANGE):
            raise InvalidPatient({"profile": "needs_clinician"})
        patient.clinical_profile = {**patient.clinical_profile, "oxygen_target_low": low, "thresholds_chosen": True}
        patient.version += 1
        patient.save()

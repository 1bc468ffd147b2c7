"""Education, goals, the care team and the threshold profile."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from apps.authentication.types import Permission
from apps.core.patients import services
from apps.core.patients.forms.programs import (
    CloseGoalForm,
    EducationForm,
    EndForm,
    GoalForm,
    TeamMemberForm,
    ThresholdsForm,
)
from apps.core.patients.types import PatientRecord
from apps.core.patients.views.acts import ABSENT, FORM, Asked, ask, one_open
from apps.foundation.web.guards import guard


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def educate(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask which topics were taught."""
    asked = Asked(
        title=_("Record education"),
        lead=_("With all six topics the evidence for CPT 99453 is complete."),
        submit=_("Record"),
        done=_("The education was recorded."),
    )
    form = EducationForm(request.POST or None)
    return ask(request, patient_id, form, asked, services.record_education)


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def add_goal(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask for a goal."""
    asked = Asked(title=_("Add a goal"), submit=_("Add the goal"), done=_("The goal was added."))
    form = GoalForm(request.POST or None)
    return ask(request, patient_id, form, asked, services.add_goal)


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def close_goal(request: HttpRequest, patient_id: UUID, goal_id: UUID) -> HttpResponse:
    """Ask what became of a goal."""
    asked = Asked(title=_("Close a goal"), submit=_("Close the goal"), done=_("The goal was closed."))

    def about(found: PatientRecord) -> str:
        return str(one_open(found.goals, goal_id, "closed_at").description)

    return ask(
        request,
        patient_id,
        CloseGoalForm(request.POST or None),
        asked,
        partial(services.close_goal, goal_id=goal_id),
        about,
    )


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def add_team_member(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask who looks after the patient."""
    asked = Asked(
        title=_("Add to the care team"),
        lead=_("The provider who answers for the patient stands in the particulars."),
        submit=_("Add to the team"),
        done=_("The care team has a new member."),
    )
    form = TeamMemberForm(request.POST or None)
    return ask(request, patient_id, form, asked, services.add_team_member)


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def end_team_member(request: HttpRequest, patient_id: UUID, team_member_id: UUID) -> HttpResponse:
    """Ask for somebody's last day in the team."""
    asked = Asked(
        title=_("Leave the care team"),
        submit=_("Take out of the team"),
        done=_("The care team was changed."),
        is_ending=True,
    )

    def about(found: PatientRecord) -> str:
        return str(one_open(found.care_team, team_member_id, "ends_on").name)

    return ask(
        request,
        patient_id,
        EndForm(request.POST or None),
        asked,
        partial(services.end_team_member, team_member_id=team_member_id),
        about,
    )


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def choose_thresholds(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask which profile the patient is judged by."""
    asked = Asked(
        title=_("Threshold profile"),
        lead=_("Oxygen of patients marked so, as in COPD, is judged against 88–92 %. Triage judges anew."),
        submit=_("Choose"),
        done=_("The threshold profile is chosen."),
    )
    form = ThresholdsForm(request.POST or None)
    return ask(request, patient_id, form, asked, services.choose_thresholds)

"""Education, goals, the care team and the threshold profile."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

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
from apps.core.patients.types import NotFound, PatientRecord
from apps.core.patients.views.acts import Asked, ask, one_open
from apps.foundation.web.guards import guard

ABSENT = (NotFound,)
FORM = require_http_methods(["GET", "HEAD", "POST"])


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def educate(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask which topics were taught."""
    by = request.actor  # type: ignore[attr-defined]
    asked = Asked(
        title=_("Record education"),
        lead=_("With all six topics the evidence for CPT 99453 is complete."),
        submit=_("Record"),
        done=_("The education was recorded."),
    )
    form = EducationForm(request.POST or None)
    return ask(request, patient_id, form, asked, lambda e: services.record_education(patient_id=patient_id, **e, by=by))


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def add_goal(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask for a goal."""
    by = request.actor  # type: ignore[attr-defined]
    asked = Asked(title=_("Add a goal"), submit=_("Add the goal"), done=_("The goal was added."))
    form = GoalForm(request.POST or None)
    return ask(request, patient_id, form, asked, lambda e: services.add_goal(patient_id=patient_id, **e, by=by))


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def close_goal(request: HttpRequest, patient_id: UUID, goal_id: UUID) -> HttpResponse:
    """Ask what became of a goal."""
    by = request.actor  # type: ignore[attr-defined]
    asked = Asked(title=_("Close a goal"), submit=_("Close the goal"), done=_("The goal was closed."))

    def apply(entered: dict[str, Any]) -> None:
        services.close_goal(patient_id=patient_id, goal_id=goal_id, **entered, by=by)

    def about(found: PatientRecord) -> str:
        return str(one_open(found.goals, goal_id, "closed_at").description)

    return ask(request, patient_id, CloseGoalForm(request.POST or None), asked, apply, about)


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def add_team_member(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask who looks after the patient."""
    by = request.actor  # type: ignore[attr-defined]
    asked = Asked(
        title=_("Add to the care team"),
        lead=_("The provider who answers for the patient stands in the particulars."),
        submit=_("Add to the team"),
        done=_("The care team has a new member."),
    )
    form = TeamMemberForm(request.POST or None)
    return ask(request, patient_id, form, asked, lambda e: services.add_team_member(patient_id=patient_id, **e, by=by))


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def end_team_member(request: HttpRequest, patient_id: UUID, team_member_id: UUID) -> HttpResponse:
    """Ask for somebody's last day in the team."""
    by = request.actor  # type: ignore[attr-defined]
    asked = Asked(
        title=_("Leave the care team"),
        submit=_("Take out of the team"),
        done=_("The care team was changed."),
        is_ending=True,
    )

    def apply(entered: dict[str, date]) -> None:
        services.end_team_member(patient_id=patient_id, team_member_id=team_member_id, **entered, by=by)

    def about(found: PatientRecord) -> str:
        return str(one_open(found.care_team, team_member_id, "ends_on").name)

    return ask(request, patient_id, EndForm(request.POST or None), asked, apply, about)


@guard(Permission.PATIENT_CHANGE, not_found=ABSENT)
@FORM
def choose_thresholds(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask which profile the patient is judged by."""
    by = request.actor  # type: ignore[attr-defined]
    asked = Asked(
        title=_("Threshold profile"),
        lead=_("The oxygen target 88–92 % is for patients whom a clinician marked so, as in COPD. Triage judges anew."),
        submit=_("Choose"),
        done=_("The threshold profile is chosen."),
    )
    form = ThresholdsForm(request.POST or None)
    return ask(
        request, patient_id, form, asked, lambda e: services.choose_thresholds(patient_id=patient_id, **e, by=by)
    )

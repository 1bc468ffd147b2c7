"""The shape of what people enter into the rest of a record. The rules are the services'."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.authentication.selectors import list_members
from apps.authentication.types import TEAM_ROLES as MEMBER_ROLES
from apps.authentication.types import Permission, Role
from apps.core.patients.forms import words
from apps.core.patients.forms.devices import DeviceForm
from apps.core.patients.forms.patients import DATE_INPUT, FAULTS, GENDERS
from apps.core.patients.rules.icd10 import SUGGESTED
from apps.core.patients.rules.programs import WORDINGS
from apps.core.patients.types import GoalStatus, InvalidPatient, PatientRecord, Program, Relationship, SuggestedCode
from apps.foundation.tenancy.types import Actor

_WORDS_OF_FAULTS: dict[str, str | Promise] = {
    **FAULTS,
    "too_early": _("This is before it began."),
    "before_current": _("The policy in force with this priority began later."),
    "too_general": _("This is only a heading: a claim needs the code with all its digits."),
    "recorded_before": _("This is on record already."),
    "enrolled_before": _("The patient is enrolled in this program."),
    "stands_already": _("A consent for this program stands already."),
    "on_team": _("This person is in the team already."),
    "in_emergency": _("Emergency access does not let you assign patients. Ask somebody who may open this one."),
    "needs_clinician": _("Another profile is chosen by those who may change thresholds."),
}
_LINES = forms.Textarea(attrs={"rows": 3})
_OFF = {"autocomplete": "off"}


def _today() -> date:
    return timezone.localdate()


class RecordForm(forms.Form):
    """One act on the record. Browsers are asked not to remember what is entered."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As any form."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.update(_OFF)

    def entered(self) -> dict[str, Any]:
        """What the service takes."""
        return dict(self.cleaned_data)

    def fit(self, record: PatientRecord, by: Actor) -> None:
        """Offer what this record leaves open to this person. Nothing to do for most forms."""

    def show_faults(self, refusal: InvalidPatient) -> None:
        """Each field at fault says what is wrong with it."""
        for name, code in refusal.faults.items():
            text = _WORDS_OF_FAULTS.get(code, _WORDS_OF_FAULTS["malformed"])
            self.add_error(name if name in self.fields else None, str(text))


class CoverageForm(RecordForm):
    """A policy. Whoever is not the subscriber names who is."""

    priority = forms.TypedChoiceField(label=_("Pays"), coerce=int, choices=words.PRIORITIES)
    payer_name = forms.CharField(label=_("Payer"), max_length=120)
    member_id = forms.CharField(label=_("Member ID"), max_length=80)
    group_number = forms.CharField(label=_("Group number"), max_length=80, required=False)
    plan_name = forms.CharField(label=_("Plan"), max_length=120, required=False)
    payer_code = forms.CharField(label=_("Payer ID for claims"), max_length=80, required=False)
    starts_on = forms.DateField(label=_("In force since"), widget=DATE_INPUT)
    relationship = forms.ChoiceField(
        label=_("Patient is to the subscriber"), choices=words.RELATIONSHIPS, initial=Relationship.SELF.value
    )
    subscriber_first_name = forms.CharField(
        label=_("Subscriber’s first name"),
        max_length=100,
        required=False,
        help_text=_("The subscriber is asked for unless it is the patient."),
    )
    subscriber_last_name = forms.CharField(label=_("Subscriber’s last name"), max_length=100, required=False)
    subscriber_date_of_birth = forms.DateField(label=_("Subscriber’s birth date"), widget=DATE_INPUT, required=False)
    subscriber_gender = forms.ChoiceField(
        label=_("Subscriber’s gender"), choices=[("", _("Choose")), *GENDERS], required=False
    )


class EndForm(RecordForm):
    """The last day of something."""

    ends_on = forms.DateField(label=_("Last day"), widget=DATE_INPUT, initial=_today)


class DiagnosisForm(RecordForm):
    """An ICD-10-CM code; the usual ones are offered while one types."""

    code = forms.CharField(
        label=_("ICD-10-CM code"),
        max_length=12,
        widget=forms.TextInput(attrs={"list": "icd10", "spellcheck": "false"}),
        help_text=_("With all its digits, such as I10 or E11.65. Usual codes are offered while you type."),
    )
    description = forms.CharField(
        label=_("Description"), max_length=200, required=False, help_text=_("Left empty, ours stands there.")
    )
    onset_on = forms.DateField(label=_("Since"), widget=DATE_INPUT, required=False)
    is_primary = forms.BooleanField(label=_("Primary diagnosis"), required=False)

    @property
    def suggested(self) -> tuple[SuggestedCode, ...]:
        """Codes of the monitored conditions that are often meant."""
        return SUGGESTED


class ResolveDiagnosisForm(RecordForm):
    """Since when a diagnosis is over."""

    resolved_on = forms.DateField(label=_("Resolved on"), widget=DATE_INPUT, initial=_today)


class EnrolForm(RecordForm):
    """Enrolment in a program. Who may order records the order with it, unless another provider is asked."""

    program = forms.ChoiceField(label=_("Program"), choices=words.PROGRAMS)
    starts_on = forms.DateField(label=_("Enrolled on"), widget=DATE_INPUT, initial=_today)
    provider_id = forms.TypedChoiceField(
        label=_("Order asked of"),
        coerce=UUID,
        empty_value=None,
        required=False,
        choices=[],
        help_text=_("The provider is told that an order waits, without a word about the patient."),
    )
    note = forms.CharField(label=_("Note to the order"), required=False, max_length=500, widget=_LINES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Providers are those of the practice in scope."""
        super().__init__(*args, **kwargs)
        providers = [(str(member.id), member.full_name) for member in list_members(Role.PROVIDER)]
        self.fields["provider_id"].choices = [("", _("Choose a provider")), *providers]  # type: ignore[attr-defined]

    def fit(self, record: PatientRecord, by: Actor) -> None:
        """Programs that the patient is not in; whoever may order is asked for nobody, others for no note."""
        running = {episode.program.value for episode in record.episodes if episode.ends_on is None}
        left = [choice for choice in words.PROGRAMS if choice[0] not in running]
        if not self.is_bound:
            self.fields["program"].choices = left or words.PROGRAMS  # type: ignore[attr-defined]
        if by.may(Permission.ORDER_SIGN):
            others: Any = self.fields["provider_id"]
            others.choices = [("", _("Nobody: I order it now")), *others.choices[1:]]
            others.help_text = ""
        else:
            del self.fields["note"]
            own = record.banner.assigned_provider_id
            self.fields["provider_id"].required = True
            self.fields["provider_id"].initial = str(own) if own else None


class OrderForm(RecordForm):
    """What the provider adds to the order."""

    note = forms.CharField(label=_("Note to the order"), required=False, max_length=500, widget=_LINES)


class EndEpisodeForm(RecordForm):
    """When and why a program ended."""

    ends_on = forms.DateField(label=_("Last day"), widget=DATE_INPUT, initial=_today)
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=_LINES)


class ConsentForm(RecordForm):
    """What somebody agreed to, how and when."""

    version = forms.ChoiceField(
        label=_("Program and wording"),
        choices=[(one.version, f"{one.program.value.upper()} · {one.version}") for one in WORDINGS],
    )
    language = forms.ChoiceField(label=_("Language"), choices=words.LANGUAGES)
    method = forms.ChoiceField(label=_("Given"), choices=words.METHODS)
    given_on = forms.DateField(label=_("Given on"), widget=DATE_INPUT, initial=_today)
    given_by = forms.CharField(label=_("Given by"), max_length=200)
    is_representative = forms.BooleanField(label=_("By a representative of the patient"), required=False)
    representative_relationship = forms.CharField(
        label=_("Relationship of the representative"), max_length=100, required=False
    )

    def fit(self, record: PatientRecord, by: Actor) -> None:
        """The patient, unless it was somebody else; a program without a consent first."""
        self.fields["given_by"].initial = f"{record.banner.first_name} {record.banner.last_name}"
        standing = {consent.program for consent in record.consents if consent.withdrawn_on is None}
        self.fields["version"].initial = next((one.version for one in WORDINGS if one.program not in standing), None)

    def entered(self) -> dict[str, Any]:
        """What record_consent takes."""
        program = next(one.program for one in WORDINGS if one.version == self.cleaned_data["version"])
        return {"program": Program(program), **self.cleaned_data}


class WithdrawForm(RecordForm):
    """When and why a consent was taken back."""

    withdrawn_on = forms.DateField(label=_("Withdrawn on"), widget=DATE_INPUT, initial=_today)
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=_LINES)


class EducationForm(RecordForm):
    """Which topics the patient was taught, and when."""

    topics = forms.MultipleChoiceField(label=_("Taught"), choices=words.TOPICS, widget=forms.CheckboxSelectMultiple)
    taught_on = forms.DateField(label=_("Taught on"), widget=DATE_INPUT, initial=_today)
    note = forms.CharField(label=_("Note"), required=False, max_length=300)

    def fit(self, record: PatientRecord, by: Actor) -> None:
        """The topics that are open."""
        if not self.is_bound:
            left = {topic.value for topic in record.evidence.open}
            self.fields["topics"].choices = [one for one in words.TOPICS if one[0] in left]  # type: ignore[attr-defined]


class GoalForm(RecordForm):
    """What patient and team agreed to reach."""

    description = forms.CharField(label=_("Goal"), max_length=1000, widget=_LINES)
    target = forms.CharField(label=_("Target"), max_length=120, required=False, help_text=_("Such as below 130/80."))
    target_on = forms.DateField(label=_("To be reached by"), widget=DATE_INPUT, required=False)


class CloseGoalForm(RecordForm):
    """What became of a goal."""

    status = forms.ChoiceField(
        label=_("The goal is"), choices=words.GOAL_STATES, widget=forms.RadioSelect, initial=GoalStatus.COMPLETED.value
    )
    outcome = forms.CharField(
        label=_("Outcome"), required=False, max_length=500, widget=_LINES, help_text=_("Needed for a cancelled goal.")
    )


class TeamMemberForm(RecordForm):
    """Who looks after the patient, as what."""

    member_id = forms.TypedChoiceField(label=_("Person"), coerce=UUID, choices=[])
    team_role = forms.ChoiceField(label=_("Role in the team"), choices=words.TEAM_ROLES)
    starts_on = forms.DateField(label=_("Since"), widget=DATE_INPUT, initial=_today)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """People are those who work in the practice in scope."""
        super().__init__(*args, **kwargs)
        people = [(str(member.id), member.full_name) for member in list_members(roles=MEMBER_ROLES)]
        self.fields["member_id"].choices = [("", _("Choose")), *people]  # type: ignore[attr-defined]


class ThresholdsForm(RecordForm):
    """The limits of oxygen saturation that a patient is judged by."""

    profile = forms.ChoiceField(label=_("Threshold profile"), choices=words.PROFILES, widget=forms.RadioSelect)

    def fit(self, record: PatientRecord, by: Actor) -> None:
        """What holds now."""
        self.fields["profile"].initial = record.threshold_profile.value


class HandOverForm(DeviceForm):
    """A device for a patient, registered at once where it is new."""

    starts_at = forms.DateTimeField(
        label=_("Worn from"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"),
        initial=timezone.now,
    )

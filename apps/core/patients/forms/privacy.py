"""The shape of privacy requests, of their answers, and of emergency access. The rules are the services'."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.patients.forms.patients import DATE_INPUT, FAULTS
from apps.core.patients.forms.words import Choices
from apps.core.patients.rules.panels import REASON_MAX, REASON_MIN
from apps.core.patients.types import (
    DECISIONS,
    Asker,
    InvalidPatient,
    PrivacyChannel,
    PrivacyFilters,
    PrivacyKind,
    PrivacyState,
)

KINDS: Choices = [
    (PrivacyKind.ACCESS.value, _("Access: a copy of the record")),
    (PrivacyKind.AMENDMENT.value, _("Amendment: a correction of the record")),
    (PrivacyKind.ACCOUNTING.value, _("Accounting of disclosures: who was told")),
    (PrivacyKind.RESTRICTION.value, _("Restriction: whom not to tell")),
]
SHORT_KINDS: dict[str, Promise] = {
    PrivacyKind.ACCESS.value: _("Access"),
    PrivacyKind.AMENDMENT.value: _("Amendment"),
    PrivacyKind.ACCOUNTING.value: _("Accounting"),
    PrivacyKind.RESTRICTION.value: _("Restriction"),
}
STATES: dict[str, Promise] = {
    PrivacyState.OPEN.value: _("Open"),
    PrivacyState.EXTENDED.value: _("Extended"),
    PrivacyState.GRANTED.value: _("Granted"),
    PrivacyState.PARTLY.value: _("Granted in part"),
    PrivacyState.DENIED.value: _("Denied"),
    PrivacyState.WITHDRAWN.value: _("Withdrawn"),
}
CHANNELS: Choices = [
    (PrivacyChannel.IN_PERSON.value, _("In person")),
    (PrivacyChannel.LETTER.value, _("Letter")),
    (PrivacyChannel.PHONE.value, _("Phone")),
    (PrivacyChannel.EMAIL.value, _("E-mail")),
]
ASKERS: Choices = [
    (Asker.PATIENT.value, _("The patient")),
    (Asker.REPRESENTATIVE.value, _("A personal representative")),
]
_FAULTS: dict[str, str | Promise] = {
    **FAULTS,
    "too_short": _("Say in at least 10 characters what makes it necessary."),
    "not_extendable": _("The time limit can be extended once, before it is over, and not for a restriction."),
    "tell_rights": _("The patient must be told. Confirm it here."),
}
_LINES = {"rows": 3, "autocomplete": "off"}


class _Act(forms.Form):
    """One act that a service may still refuse."""

    def show_faults(self, refusal: InvalidPatient) -> None:
        """Each field at fault says what is wrong with it."""
        for name, code in refusal.faults.items():
            known = "tell_rights" if (name, code) == ("rights_explained", "required") else code
            text = _FAULTS.get(known, _FAULTS["malformed"])
            self.add_error(name if name in self.fields else None, str(text))


class PrivacyRequestForm(_Act):
    """What the patient asks, when and how it came."""

    kind = forms.ChoiceField(
        label=_("What is asked"),
        choices=KINDS,
        widget=forms.RadioSelect,
        help_text=_(
            "There are 30 days to answer for access and 60 for an amendment or an accounting (HIPAA). For a "
            "restriction the law sets no limit: 30 days is our own target."
        ),
        error_messages={"required": _("Choose what is asked.")},
    )
    received_on = forms.DateField(label=_("Received on"), widget=DATE_INPUT, initial=timezone.localdate)
    channel = forms.ChoiceField(label=_("How it came"), choices=CHANNELS)
    asked_by = forms.ChoiceField(label=_("Who asks"), choices=ASKERS, initial=Asker.PATIENT.value)
    representative_name = forms.CharField(
        label=_("Representative’s name"),
        max_length=200,
        required=False,
        help_text=_("Only where a personal representative asks."),
    )
    representative_relationship = forms.CharField(label=_("Representative is"), max_length=100, required=False)
    text = forms.CharField(
        label=_("What the patient asks, in their words"), max_length=2000, widget=forms.Textarea(attrs=_LINES)
    )


class ReasonForm(_Act):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs=_LINES))


class ExtendForm(_Act):
    """Why the practice needs 30 days more; the patient reads it."""

    reason = forms.CharField(
        label=_("Reason, as it is written to the patient"),
        max_length=2000,
        widget=forms.Textarea(attrs=_LINES),
        help_text=_("The patient is told in writing, with the new day, before the first time limit is over."),
    )


class DecideForm(_Act):
    """The answer."""

    state = forms.ChoiceField(
        label=_("Answer"),
        choices=[(state.value, STATES[state.value]) for state in DECISIONS],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the answer.")},
    )
    outcome = forms.CharField(
        label=_("What was done"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs=_LINES),
        help_text=_("Needed where the request is granted, in whole or in part."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs=_LINES),
        help_text=_("Needed where the request is denied, in whole or in part."),
    )
    rights_explained = forms.BooleanField(
        label=_("The patient was told in writing of the right to disagree and to complain"),
        required=False,
        help_text=_("Needed where the request is denied, in whole or in part."),
    )

    def __init__(self, *args: Any, kind: PrivacyKind, **kwargs: Any) -> None:
        """A restriction is worded as everybody reads it on the chart."""
        super().__init__(*args, **kwargs)
        if kind is PrivacyKind.RESTRICTION:
            self.fields["outcome"].label = _("What is not disclosed, and to whom")
            self.fields["outcome"].help_text = _("Everybody who opens the chart reads this.")


class PrivacyQueueForm(forms.Form):
    """Which requests are shown."""

    shown = forms.ChoiceField(
        label=_("Requests"),
        required=False,
        choices=[("", _("Waiting for an answer")), ("overdue", _("Overdue")), ("closed", _("Answered"))],
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("Every kind")), *SHORT_KINDS.items()])

    def criteria(self) -> PrivacyFilters:
        """What was asked for; the defaults where it is nonsense."""
        if not self.is_valid():
            return PrivacyFilters()
        shown, kind = self.cleaned_data["shown"], self.cleaned_data["kind"]
        return PrivacyFilters(shown == "closed", shown == "overdue", PrivacyKind(kind) if kind else None)


class EmergencyForm(_Act):
    """Why somebody opens a patient outside their panel."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=REASON_MIN,
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs=_LINES),
        help_text=_("What makes it necessary now, in at least 10 characters."),
        error_messages={"required": _("Say why."), "min_length": _FAULTS["too_short"]},
    )
    understood = forms.BooleanField(
        label=_("I understand that this is recorded and reviewed"),
        error_messages={"required": _("Confirm that you understand.")},
    )


class EmergencyListForm(forms.Form):
    """Which emergency accesses are shown."""

    shown = forms.ChoiceField(
        label=_("Emergency accesses"),
        required=False,
        choices=[("", _("Waiting for review")), ("reviewed", _("Reviewed"))],
    )

    def reviewed(self) -> bool:
        """Whether the reviewed ones were asked for."""
        return self.is_valid() and self.cleaned_data["shown"] == "reviewed"


class EmergencyReviewForm(_Act):
    """What somebody found who looked at an emergency access."""

    note = forms.CharField(
        label=_("What you found"),
        max_length=500,
        widget=forms.Textarea(attrs=_LINES),
        help_text=_("Such as: justified, on call. Or: not justified, spoken with."),
        error_messages={"required": _("Say what you found.")},
    )

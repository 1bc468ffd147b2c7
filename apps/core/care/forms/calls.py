"""The form of a documented call."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.authentication.types import MemberRef
from apps.core.care.forms.moments import LocalMomentField
from apps.core.care.forms.notes import FAULTS as NOTE_FAULTS
from apps.core.care.rules.calls import LONGEST, PHONE_MAX
from apps.core.care.rules.notes import clean_text, with_skeleton
from apps.core.care.selectors.call_words import IDENTITY_NAMES, OUTCOME_NAMES
from apps.core.care.selectors.note_templates import TEMPLATE_NAMES, all_skeletons, answered, skeleton_of
from apps.core.care.types import CallInput, CallOutcome, IdentityCheck, InvalidCall, NoteTemplate

CALL_TEMPLATES = (
    NoteTemplate.CALL_REACHED,
    NoteTemplate.CALL_NOT_REACHED,
    NoteTemplate.MEDICATION_REVIEW,
    NoteTemplate.EDUCATION,
)
"""The skeletons of notes that a call starts from."""

FAULTS = {
    ("entry", "saved_before"): _(
        "This call was saved before, with other entries, and is never edited. See the patient's calls: what is to be "
        "added goes into an addendum to its note, and its minutes are corrected under Time."
    ),
    ("identity_check", "required"): _("Say how you made sure who was on the line."),
    ("interactive", "not_spoken"): _("Nobody was spoken with: a voicemail or a try is not a live conversation."),
    ("seconds", "required"): _("A live conversation takes time: enter how long it was."),
    ("seconds", "out_of_range"): _("A call is documented with up to 4 hours."),
    ("started_at", "future"): _("This is in the future. Enter when the call began."),
    ("started_at", "too_old"): _("More than 7 days ago. Write a note instead: it says when, and counts no minutes."),
    ("text", "required"): _("Write what was said before you sign."),
    ("text", "unanswered"): _("These are the questions alone. Answer them, or empty the note."),
    ("text", "too_long"): NOTE_FAULTS["too_long"],
    ("phone", "too_long"): _("A number holds 40 characters."),
}
_OTHER = _("Choose one from the list.")
_FIELD_OF = {"seconds": "minutes"}


class CallForm(forms.Form):
    """How a call went, how long it was, and the note of it. `entry` makes the same form sent twice one call."""

    phone = forms.CharField(
        label=_("Number called"),
        required=False,
        max_length=PHONE_MAX,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off", "list": "numbers"}),
    )
    started_at = LocalMomentField(
        label=_("Began"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S"),
        input_formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"],
        error_messages={"required": _("Enter when the call began."), "invalid": _("Enter a date and a time.")},
    )
    minutes = forms.IntegerField(
        label=_("Minutes"),
        min_value=0,
        max_value=LONGEST // 60,
        initial=0,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "data-call-minutes": True}),
    )
    seconds = forms.IntegerField(
        label=_("Seconds"),
        min_value=0,
        max_value=59,
        initial=0,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "data-call-seconds": True}),
    )
    outcome = forms.ChoiceField(
        label=_("How it went"),
        choices=[(one.value, OUTCOME_NAMES[one]) for one in CallOutcome],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say how it went.")},
    )
    identity_check = forms.ChoiceField(
        label=_("Identity checked by"),
        help_text=_("Two identifiers, before anything about health is said. Needed when somebody was reached."),
        choices=[(one.value, IDENTITY_NAMES[one]) for one in IdentityCheck],
        required=False,
        widget=forms.RadioSelect,
    )
    interactive = forms.BooleanField(
        label=_("We spoke with each other in real time"),
        help_text=_("Counts as the live contact that CPT 99457 asks for. A voicemail or a message does not."),
        required=False,
    )
    text = forms.CharField(
        label=_("Note"),
        help_text=_("Signed with the call when you save it. Needed when somebody was reached."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 12}),
    )
    cosign_asked_of = forms.TypedChoiceField(
        label=_("Ask for a co-signature"), required=False, coerce=UUID, empty_value=None
    )
    template = forms.ChoiceField(
        required=False,
        choices=[("", ""), *((one.value, TEMPLATE_NAMES[one]) for one in NoteTemplate)],
        widget=forms.HiddenInput,
    )
    alert = forms.UUIDField(required=False, widget=forms.HiddenInput)
    entry = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, cosigners: Sequence[MemberRef], **kwargs: Any) -> None:
        """Offer those who may co-sign; whoever has just taken a template goes on writing in it."""
        super().__init__(*args, **kwargs)
        asked: Any = self.fields["cosign_asked_of"]
        asked.choices = [("", _("Nobody")), *((str(one.id), one.full_name) for one in cosigners)]
        if self.initial.get("template"):
            self.fields["text"].widget.attrs["autofocus"] = True

    @staticmethod
    def started_from(template: NoteTemplate, typed: Any) -> dict[str, Any]:
        """The entries of the form with the template's skeleton below what was typed, which is kept."""
        kept = {name: typed.get(name, "") for name in CallForm.base_fields if name in typed}
        skeleton = with_skeleton(str(typed.get("text", "")), skeleton_of(template), all_skeletons())
        return {**kept, "interactive": "interactive" in typed, "template": template.value, "text": skeleton}

    def clean_text(self) -> str:
        """The note with one kind of line break. Raises ValidationError for questions that nobody answered."""
        text = clean_text(str(self.cleaned_data["text"]))
        if text and not answered(text):
            raise forms.ValidationError(FAULTS["text", "unanswered"], code="unanswered")
        return text

    def entered(self) -> CallInput:
        """The call as it was entered."""
        said: dict[str, Any] = self.cleaned_data
        began: datetime = said["started_at"]
        check = said["identity_check"]
        return CallInput(
            outcome=CallOutcome(said["outcome"]),
            started_at=began,
            seconds=60 * said["minutes"] + (said["seconds"] or 0),
            identity_check=IdentityCheck(check) if check else None,
            interactive=said["interactive"],
            phone=said["phone"],
            template=said["template"],
            text=said["text"],
            alert_id=said["alert"],
            cosign_asked_of=said["cosign_asked_of"],
        )

    def show_faults(self, refusal: InvalidCall) -> None:
        """What the service found at fault stands beside its field."""
        for name, code in refusal.faults.items():
            field = _FIELD_OF.get(name, name)
            seen = field in self.fields and not self.fields[field].widget.is_hidden
            self.add_error(field if seen else None, FAULTS.get((name, code), _OTHER))

"""The forms of messages: an answer, and a new conversation."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.care.rules.messages import SUBJECT_MAX, TEXT_MAX
from apps.core.care.rules.notes import clean_text, with_skeleton
from apps.core.care.selectors.message_templates import (
    TEMPLATE_NAMES,
    template_subjects,
    template_text,
    template_texts,
)
from apps.core.care.types import InvalidMessage, MessageTemplate

FAULTS = {
    ("text", "required"): _("Write the message first."),
    ("text", "too_long"): _("A message holds 4,000 characters. Nothing was lost: shorten it, or call instead."),
    ("message_id", "sent_before"): _(
        "This form was sent before, with other words: they stand in the conversation. Write anew what is to be added."
    ),
    ("subject", "required"): _("Say in a few words what it is about."),
    ("subject", "too_long"): _("A subject holds 120 characters."),
}
_OTHER = _("Choose one from the list.")
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENTS = ["%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z"]


class _TextField(forms.CharField):
    """The text of a message, counted as it will be sent and never cut off."""

    def clean(self, value: Any) -> str:
        """The text with one kind of line break. Raises ValidationError when it is empty or too long."""
        text = clean_text(str(value or ""))
        if len(text) > TEXT_MAX:
            raise forms.ValidationError(FAULTS["text", "too_long"], code="too_long")
        return str(super().clean(text))


class ReplyForm(forms.Form):
    """What is written at the end of a conversation. `message_id` makes the same form sent twice one message."""

    text = _TextField(
        label=_("Message"),
        error_messages={"required": FAULTS["text", "required"]},
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    template = forms.ChoiceField(
        required=False,
        choices=[("", ""), *((one.value, TEMPLATE_NAMES[one]) for one in MessageTemplate)],
        widget=forms.HiddenInput,
    )
    message_id = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Whoever has just taken a template goes on writing in it."""
        super().__init__(*args, **kwargs)
        if self.initial.get("template"):
            self.fields["text"].widget.attrs["autofocus"] = True

    def show_faults(self, refusal: InvalidMessage) -> None:
        """What the service found at fault stands beside its field."""
        for name, code in refusal.faults.items():
            seen = name in self.fields and not self.fields[name].widget.is_hidden
            self.add_error(name if seen else None, FAULTS.get((name, code), _OTHER))

    @staticmethod
    def started_from(template: MessageTemplate, typed: Any, language: str) -> dict[str, Any]:
        """The entries of the form with the template's text below what was typed, which is kept."""
        subject, text = template_text(template, language)
        about = str(typed.get("subject", "")).strip()
        return {
            "template": template.value,
            "seen_until": typed.get("seen_until", ""),
            "message_id": typed.get("message_id", ""),
            "subject": subject if not about or about in template_subjects() else about,
            "text": with_skeleton(str(typed.get("text", "")), text, template_texts()),
        }


class _SeenField(forms.DateTimeField):
    """Up to when somebody saw a conversation.

    Nothing and nonsense count as the beginning of time: nothing unseen is taken for seen.
    """

    widget = forms.HiddenInput

    def clean(self, value: Any) -> datetime:
        """The moment, in any case."""
        try:
            found: datetime | None = super().clean(value)
        except forms.ValidationError:
            found = None
        return found or _BEGINNING


class AnswerForm(ReplyForm):
    """An answer of the team to what stood on the page: `seen_until` is when the newest of it was sent."""

    seen_until = _SeenField(required=False, input_formats=_MOMENTS)


class SeenForm(forms.Form):
    """Up to when somebody saw a conversation, for what is done to it without writing."""

    seen_until = _SeenField(required=False, input_formats=_MOMENTS)

    def moment(self) -> datetime:
        """When the newest message was sent that was seen."""
        self.is_valid()
        found: datetime = self.cleaned_data["seen_until"]
        return found


class ThreadForm(ReplyForm):
    """A new conversation."""

    subject = forms.CharField(
        label=_("Subject"),
        max_length=SUBJECT_MAX,
        error_messages={"required": FAULTS["subject", "required"], "max_length": FAULTS["subject", "too_long"]},
    )
    field_order = ("subject", "text", "template", "message_id")

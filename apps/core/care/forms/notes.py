"""The forms of notes: what is written, which notes are shown, who is asked to co-sign."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.authentication.types import MemberRef
from apps.core.care.rules.notes import KIND_OF_TEMPLATE, TEXT_MAX, WRITABLE_KINDS, clean_text, with_skeleton
from apps.core.care.selectors.note_templates import KIND_NAMES, TEMPLATE_NAMES, all_skeletons, answered, skeleton_of
from apps.core.care.types import InvalidNote, NoteKind, NoteTemplate

FAULTS = {
    "required": _("Write what happened before you sign."),
    "too_long": _("A note holds 10,000 characters. Shorten this one, or put the rest into an addendum."),
    "unanswered": _("These are the questions alone. Answer what you can: what stays open is not signed."),
    "unknown_choice": _("Choose one from the list."),
}


class _TextField(forms.CharField):
    """The text of a note. It is counted as it will be signed, and never cut off."""

    def clean(self, value: Any) -> str:
        """The text with one kind of line break. Raises ValidationError when it is empty or too long."""
        text = clean_text(str(value or ""))
        if len(text) > TEXT_MAX:
            raise forms.ValidationError(
                _(
                    "A note holds 10,000 characters; this one has %(count)s. Nothing was lost: shorten it, or sign a"
                    " part and add the rest as an addendum."
                ),
                code="too_long",
                params={"count": f"{len(text):,}"},
            )
        return str(super().clean(text))


class AddendumForm(forms.Form):
    """What is added to a note, and who is asked to co-sign it."""

    text = _TextField(
        label=_("Text"),
        help_text=_("Signed when you save it; then it can't be changed, only added to."),
        error_messages={"required": FAULTS["required"]},
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    cosign_asked_of = forms.TypedChoiceField(
        label=_("Ask for a co-signature"), required=False, coerce=UUID, empty_value=None
    )

    def __init__(self, *args: Any, cosigners: Sequence[MemberRef], **kwargs: Any) -> None:
        """Offer those who may co-sign."""
        super().__init__(*args, **kwargs)
        asked: Any = self.fields["cosign_asked_of"]
        asked.choices = [("", _("Nobody")), *_people(cosigners)]

    def show_faults(self, refusal: InvalidNote) -> None:
        """What the service found at fault stands beside its field."""
        for name, code in refusal.faults.items():
            self.add_error(name if name in self.fields else None, FAULTS.get(code, FAULTS["unknown_choice"]))


class NoteForm(AddendumForm):
    """A new note: what it is about, its text, who is asked to co-sign it."""

    kind = forms.ChoiceField(label=_("About"), choices=[(kind.value, KIND_NAMES[kind]) for kind in WRITABLE_KINDS])
    template = forms.ChoiceField(
        required=False,
        choices=[("", ""), *((one.value, TEMPLATE_NAMES[one]) for one in NoteTemplate)],
        widget=forms.HiddenInput,
    )
    field_order = ("kind", "text", "cosign_asked_of", "template")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """A new note has more room than an addendum."""
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs["rows"] = 16
        if self.initial.get("template"):
            self.fields["text"].widget.attrs["autofocus"] = True

    def clean_text(self) -> str:
        """The text as it was entered. Raises ValidationError for questions that nobody answered."""
        text = str(self.cleaned_data["text"])
        if not answered(text):
            raise forms.ValidationError(FAULTS["unanswered"], code="unanswered")
        return text

    @staticmethod
    def started_from(template: NoteTemplate, typed: Any) -> dict[str, Any]:
        """The entries of the form with the template's skeleton below what was typed, which is kept."""
        return {
            "kind": KIND_OF_TEMPLATE[template].value,
            "template": template.value,
            "text": with_skeleton(str(typed.get("text", "")), skeleton_of(template), all_skeletons()),
            "cosign_asked_of": typed.get("cosign_asked_of", ""),
        }


class NoteFilterForm(forms.Form):
    """Which notes are shown. A wrong entry counts as none."""

    kind = forms.ChoiceField(
        label=_("About"),
        required=False,
        choices=[("", _("All notes")), *((kind.value, name) for kind, name in KIND_NAMES.items())],
    )

    def wanted(self) -> NoteKind | None:
        """The kind that was asked for, or None for all."""
        self.is_valid()
        chosen = self.cleaned_data.get("kind")
        return NoteKind(chosen) if chosen else None


class AskCosignForm(forms.Form):
    """Who is asked to co-sign."""

    of_id = forms.TypedChoiceField(label=_("Ask"), coerce=UUID)

    def __init__(self, *args: Any, cosigners: Sequence[MemberRef], **kwargs: Any) -> None:
        """Offer those who may co-sign."""
        super().__init__(*args, **kwargs)
        offered: Any = self.fields["of_id"]
        offered.choices = _people(cosigners)


def _people(members: Iterable[MemberRef]) -> list[tuple[str, str]]:
    return [(str(one.id), one.full_name) for one in members]

"""What patients enter. Short words, large fields, and the fields' own names said again where something is wrong."""

from datetime import date
from typing import Any

from django import forms
from django.utils.dates import MONTHS
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.care.types import InvalidMessage
from apps.core.observations.types import ReadingKind
from apps.core.patients.types import InvalidPatient, PrivacyKind
from apps.core.triage.types import RED_FLAGS, Symptom, has_red_flag

PERIODS = ("30", "90", "365")
KIND_WORDS: dict[str, Promise] = {
    ReadingKind.BLOOD_PRESSURE.value: _("Blood pressure"),
    ReadingKind.PULSE.value: _("Pulse"),
    ReadingKind.SPO2.value: _("Oxygen"),
    ReadingKind.WEIGHT.value: _("Weight"),
    ReadingKind.GLUCOSE.value: _("Blood sugar"),
}
LANGUAGES = [("en", "English"), ("es", "Español")]
SYMPTOM_WORDS: dict[Symptom, Promise] = {
    Symptom.CHEST_PAIN: _("Chest pain or pressure in my chest"),
    Symptom.BREATHLESS_AT_REST: _("Hard to breathe while I rest"),
    Symptom.FAINTING: _("I passed out"),
    Symptom.NEW_CONFUSION: _("I am confused, or others say so"),
    Symptom.ONE_SIDED_WEAKNESS: _("One side of my face or body is weak or numb"),
    Symptom.SWELLING: _("Swollen feet, legs or belly"),
    Symptom.DIZZINESS: _("Dizzy"),
    Symptom.HEADACHE: _("Headache"),
    Symptom.COUGH: _("Cough"),
    Symptom.WEIGHT_GAIN_FEELING: _("I feel that I put on weight fast"),
}
_FAULTS: dict[str, Promise] = {
    "required": _("Please write something here."),
    "too_long": _("This is too long. Please write less."),
    "unknown_choice": _("Please choose one."),
    "sent_before": _("This was sent before. Your new words are not sent yet: copy them into a new message."),
    "archived": _("You are not in a program now. Please call your team."),
}
_TEXT = {"rows": 5, "autocomplete": "off"}
_OLDEST, _LAST_YEAR = 1900, 9999
MOST_WORDS = 1000
"""Characters in which a symptom is told."""


class _OwnForm(forms.Form):
    """A form that a service may still refuse."""

    def show_faults(self, refusal: InvalidPatient | InvalidMessage) -> None:
        """Each field at fault says what is wrong with it."""
        for name, code in refusal.faults.items():
            text = _FAULTS.get(code, _("Please check this."))
            shown = name in self.fields and not self.fields[name].widget.is_hidden
            self.add_error(name if shown else None, str(text))


class BirthDateForm(forms.Form):
    """A date of birth in three parts: a calendar that opens today is no help to somebody born in 1941."""

    month = forms.TypedChoiceField(
        label=_("Month"), coerce=int, choices=lambda: [("", "—"), *MONTHS.items()], empty_value=None
    )
    day = forms.IntegerField(
        label=_("Day"), min_value=1, max_value=31, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    year = forms.IntegerField(
        label=_("Year"),
        min_value=_OLDEST,
        max_value=_LAST_YEAR,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "1941"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Browsers that know it may fill it in."""
        super().__init__(*args, **kwargs)
        for name, part in (("month", "bday-month"), ("day", "bday-day"), ("year", "bday-year")):
            self.fields[name].widget.attrs["autocomplete"] = part

    def clean(self) -> dict[str, Any]:
        """The three make a day that there was."""
        cleaned: dict[str, Any] = super().clean() or {}
        if all(cleaned.get(name) for name in ("month", "day", "year")):
            try:
                cleaned["born"] = date(cleaned["year"], cleaned["month"], cleaned["day"])
            except ValueError:
                self.add_error("day", _("There is no such day. Please check it."))
        return cleaned

    def born(self) -> date:
        """The day, once the form is valid."""
        found: date = self.cleaned_data["born"]
        return found


class OwnPasswordForm(forms.Form):
    """A password for the new account, twice, and the language of everything after it."""

    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    password = forms.CharField(
        label=_("New password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("The same password again"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The rules in words stand beside the first field."""
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = _(
            "At least 12 characters: a capital letter, a small letter, a number and a sign like ! or -. Not your name."
        )

    def clean(self) -> dict[str, Any]:
        """Both are the same."""
        cleaned: dict[str, Any] = super().clean() or {}
        if "password" in cleaned and "again" in cleaned and cleaned["password"] != cleaned["again"]:
            self.add_error("again", _("The two passwords are not the same."))
        return cleaned


class SymptomForm(forms.Form):
    """How somebody feels: a tick for each that is so, words for the rest, or that all is well."""

    fine = forms.BooleanField(label=_("I feel fine. None of these."), required=False)
    other = forms.CharField(
        label=_("Something else? Tell us in your own words."),
        max_length=MOST_WORDS,
        required=False,
        widget=forms.Textarea(attrs={**_TEXT, "rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """One tick for each symptom, those of an emergency first."""
        super().__init__(*args, **kwargs)
        for symptom, words in SYMPTOM_WORDS.items():
            attributes = {"data-red-flag": ""} if symptom in RED_FLAGS else {}
            self.fields[symptom.value] = forms.BooleanField(
                label=words, required=False, widget=forms.CheckboxInput(attrs=attributes)
            )

    def emergencies(self) -> list[forms.BoundField]:
        """The ticks that mean 911."""
        return [self[symptom.value] for symptom in SYMPTOM_WORDS if symptom in RED_FLAGS]

    def others(self) -> list[forms.BoundField]:
        """The other ticks."""
        return [self[symptom.value] for symptom in SYMPTOM_WORDS if symptom not in RED_FLAGS]

    def names_red_flag(self) -> bool:
        """Whether a tick or words that mean 911 were sent, also where the rest of the form is wrong."""
        ticked = any(self.data.get(self.add_prefix(symptom.value)) for symptom in RED_FLAGS)
        return ticked or has_red_flag(self._words())

    def clean(self) -> dict[str, Any]:
        """Something was said; and nobody feels fine and ill at once."""
        cleaned: dict[str, Any] = super().clean() or {}
        said = [name for name in cleaned if name != "fine" and cleaned[name]]
        if not said and not cleaned.get("fine"):
            self.add_error(None, _("Please tick at least one box."))
        if said and cleaned.get("fine") and not self.names_red_flag():
            self.add_error("fine", _("You ticked something else too. Please take one of the two away."))
        return cleaned

    def answers(self) -> dict[str, bool | str]:
        """What the service takes: by code. Of words that are too long as much as it takes."""
        ticks: dict[str, bool | str] = {symptom.value: self.cleaned_data[symptom.value] for symptom in SYMPTOM_WORDS}
        return ticks | {Symptom.OTHER.value: self._words()}

    def _words(self) -> str:
        return str(self.data.get(self.add_prefix("other"), "")).strip()[:MOST_WORDS]


class _OnceForm(_OwnForm):
    """What is sent twice, by a slow line or a second tap, is one message: `message_id` says which."""

    message_id = forms.UUIDField(required=False, widget=forms.HiddenInput)


class MessageForm(_OnceForm):
    """A new message."""

    subject = forms.CharField(
        label=_("What is it about?"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    text = forms.CharField(label=_("Your message"), max_length=4000, widget=forms.Textarea(attrs=_TEXT))


class ReplyForm(_OnceForm):
    """An answer."""

    text = forms.CharField(label=_("Your answer"), max_length=4000, widget=forms.Textarea(attrs=_TEXT))


class OwnRequestForm(_OwnForm):
    """What the patient asks about their record."""

    kind = forms.ChoiceField(
        label=_("What do you want?"),
        choices=[
            (PrivacyKind.ACCESS.value, _("A copy of my health record")),
            (PrivacyKind.AMENDMENT.value, _("Fix something that is wrong in my record")),
            (PrivacyKind.ACCOUNTING.value, _("A list of who got my record from you")),
            (PrivacyKind.RESTRICTION.value, _("Limit who you share my record with")),
        ],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("Tell us more"), max_length=2000, required=False, widget=forms.Textarea(attrs={**_TEXT, "rows": 3})
    )

    def clean(self) -> dict[str, Any]:
        """Only a copy needs no words."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("kind") not in (None, PrivacyKind.ACCESS.value) and not cleaned.get("text", "").strip():
            self.add_error("text", _FAULTS["required"])
        return cleaned

    def entered(self) -> dict[str, Any]:
        """What the service takes."""
        text = self.cleaned_data["text"].strip() or str(_("A copy of my whole record"))
        return {"kind": self.cleaned_data["kind"], "text": text}


class LanguageForm(forms.Form):
    """The language of pages and mails."""

    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)

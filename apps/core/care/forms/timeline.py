"""Which part of the timeline is shown."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.care.types import EventKind

KIND_NAMES = {
    EventKind.READING: _("Readings"),
    EventKind.ALERT: _("Alerts"),
    EventKind.SYMPTOM: _("Reported symptoms"),
    EventKind.CALL: _("Calls"),
    EventKind.MESSAGE: _("Messages"),
    EventKind.NOTE: _("Notes"),
    EventKind.MEDICATION: _("Medications"),
    EventKind.THRESHOLD: _("Alert limits"),
    EventKind.DEVICE: _("Devices"),
}


class TimelineForm(forms.Form):
    """What the timeline is narrowed to, and where its page begins. A wrong entry counts as none."""

    kind = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[("", _("Everything")), *((kind.value, name) for kind, name in KIND_NAMES.items())],
    )

    def wanted(self) -> EventKind | None:
        """The kind that was asked for, or None for all."""
        self.is_valid()
        chosen = self.cleaned_data.get("kind")
        return EventKind(chosen) if chosen else None

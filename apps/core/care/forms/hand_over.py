"""What is left to the next shift."""

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.care.services.hand_over import TEXT_MAX


class HandOverForm(forms.Form):
    """What the next shift should look after."""

    text = forms.CharField(
        label=_("What should the next shift look after?"),
        help_text=_("Up to 500 characters. It stands on the hand-over list until somebody has done it."),
        max_length=TEXT_MAX,
        error_messages={"required": _("Say what the next shift should look after.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )

"""The forms of the second factor. A code is checked by the service that uses it up, not by the form."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.authentication.forms.sign_in import check_password_typed
from apps.foundation.tenancy.types import Actor

_LONGEST_CODE = 40
_CODE_ATTRIBUTES = {"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"}
_PASSWORD_ATTRIBUTES = {"autocomplete": "current-password"}


class CodeInput(forms.TextInput):
    """A field that never shows again what was typed: a recovery code that was mistyped is nearly a right one."""

    def format_value(self, value: Any) -> None:
        """Nothing."""


class AppCodeForm(forms.Form):
    """The six digits that the app shows now."""

    code = forms.CharField(
        label=_("Code from the app"),
        max_length=_LONGEST_CODE,
        widget=CodeInput(attrs={**_CODE_ATTRIBUTES, "inputmode": "numeric"}),
    )


class CodeForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("The six digits in your authenticator app. Without your phone: one of your recovery codes."),
        max_length=_LONGEST_CODE,
        widget=CodeInput(attrs=_CODE_ATTRIBUTES),
    )


class OwnPasswordOnlyForm(forms.Form):
    """The present password, before something about signing in is changed."""

    password = forms.CharField(
        label=_("Your password"), strip=False, widget=forms.PasswordInput(attrs=_PASSWORD_ATTRIBUTES)
    )

    def __init__(self, *args: Any, user_id: UUID, by: Actor, **kwargs: Any) -> None:
        """For this person."""
        super().__init__(*args, **kwargs)
        self.user_id, self.by = user_id, by

    def clean_password(self) -> str:
        """Counted like every attempt."""
        password = str(self.cleaned_data["password"])
        check_password_typed(self.user_id, password, self.by)
        return password


class SwitchOffForm(OwnPasswordOnlyForm, CodeForm):
    """Password and code: whoever finds an open screen switches nothing off."""

    field_order = ("password", "code")

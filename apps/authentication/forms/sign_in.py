"""The forms of signing in and of passwords."""

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordForm
from django import forms
from django.utils.translation import gettext_lazy as _

from apps.authentication.adapter import locked_error
from apps.authentication.rules.passwords import MAX_LENGTH
from apps.authentication.rules.sealed_sign_in import is_placeholder
from apps.authentication.selectors.sealed_sign_in import sealed_account
from apps.authentication.services.sign_in import check_own_password
from apps.authentication.types.attempts import LockedOut, WrongCredentials
from apps.foundation.tenancy.types import Actor

LOCKED = "locked"
_LONGEST_EMAIL = 254


def status_of(form: forms.BaseForm) -> int:
    """200, 422 for what the person can put right, 429 while they are locked out."""
    if not form.errors:
        return 200
    return 429 if any(form.has_error(name, LOCKED) for name in form.errors) else 422


class SignInForm(LoginForm):  # type: ignore[misc]
    """E-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """With our limits, and without words inside the fields."""
        super().__init__(*args, **kwargs)
        email = self.fields["login"]
        email.label, email.max_length = _("E-mail address"), _LONGEST_EMAIL
        email.widget.attrs["autocomplete"] = "username"
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class ForgottenPasswordForm(ResetPasswordForm):  # type: ignore[misc]
    """The address that the mail with the link goes to, where an account signs in with it."""

    def clean_email(self) -> str:
        """Patients' accounts are found by their sealed address, and nobody's by a placeholder."""
        email = str(super().clean_email())
        patient = sealed_account(email)
        if patient is not None and patient.is_active:
            self.users = [patient]
        elif is_placeholder(email):
            self.users = []
        return email


class OwnPasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """The present password, and the new one twice."""

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        """For the person behind `by`."""
        super().__init__(*args, **kwargs)
        self.by = by
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)

    def clean_oldpassword(self) -> str:
        """The present password, counted like every attempt."""
        password = str(self.cleaned_data.get("oldpassword", ""))
        check_password_typed(self.user.pk, password, self.by)
        return password


def check_password_typed(user_id: Any, password: str, by: Actor) -> None:
    """Returns if this is the signed-in person's password, else raises ValidationError for its field."""
    try:
        check_own_password(user_id=user_id, password=password[: MAX_LENGTH + 1], by=by)
    except LockedOut as lock:
        raise locked_error(lock) from None
    except WrongCredentials:
        raise forms.ValidationError(_("This is not your password."), code="wrong") from None

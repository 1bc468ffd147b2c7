"""The password rules as Django's validators, for every way a password is set."""

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.authentication.models import User
from apps.authentication.rules import missing_character_classes
from apps.authentication.rules.passwords import MAX_LENGTH, core_of, leans_on, needed_length
from apps.authentication.selectors.passwords import password_situation

_WORDS = {
    "upper": _("a capital letter"),
    "lower": _("a small letter"),
    "digit": _("a digit"),
    "special": _("a special character"),
}


class PracticeRuleValidator:
    """Length, and where the person's practice asks for it a capital, a small letter, a digit and a sign (AUT-15)."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError naming everything that is missing."""
        situation = password_situation(user)
        needed = needed_length(situation.is_length_only, situation.has_second_factor)
        faults = []
        if len(password) < needed:
            faults.append(_too_short(needed))
        if len(password) > MAX_LENGTH:
            text = ngettext("At most %(count)s character.", "At most %(count)s characters.", MAX_LENGTH)
            faults.append(ValidationError(text, code="password_too_long", params={"count": MAX_LENGTH}))
        if not situation.is_length_only:
            faults += [
                ValidationError(format_lazy(_("The password needs {what}."), what=_WORDS[name]), code=f"no_{name}")
                for name in missing_character_classes(password)
            ]
        if faults:
            raise ValidationError(faults)

    def get_help_text(self) -> str:
        """The rule in words."""
        return str(
            _(
                "At least 12 characters, with a capital letter, a small letter, a digit and a special character,"
                " unless your practice has chosen length alone."
            )
        )


class KnownPasswordValidator(CommonPasswordValidator):
    """Refuses what everybody tries, also with digits and signs around it."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError."""
        super().validate(password, user)
        if core_of(password) in self.passwords:
            raise ValidationError(self.get_error_message(), code="password_too_common")


class ContextWordsValidator:
    """Refuses a password that is little more than the names of the practice, the product or the person."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError."""
        if leans_on(password, password_situation(user).words):
            raise ValidationError(
                _("The password leans too much on your name, your e-mail or the name of the practice."),
                code="password_of_context",
            )

    def get_help_text(self) -> str:
        """The rule in words."""
        return str(_("Not your name, your e-mail or the name of the practice."))


def _too_short(needed: int) -> ValidationError:
    text = ngettext(
        "This password is too short. It must contain at least %(min_length)d character.",
        "This password is too short. It must contain at least %(min_length)d characters.",
        needed,
    )
    return ValidationError(text, code="password_too_short", params={"min_length": needed})

"""The password rules as Django's validators, for every way a password is set."""

from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from apps.authentication.rules import missing_character_classes

_WORDS = {
    "upper": _("a capital letter"),
    "lower": _("a small letter"),
    "digit": _("a digit"),
    "special": _("a special character"),
}


class CharacterClassesValidator:
    """Refuses a password without a capital letter, a small letter, a digit and a special character (AUT-15)."""

    def validate(self, password: str, user: object = None) -> None:
        """Raises ValidationError naming each class that is missing."""
        missing = missing_character_classes(password)
        if missing:
            raise ValidationError(
                [
                    ValidationError(format_lazy(_("The password needs {what}."), what=_WORDS[name]), code=f"no_{name}")
                    for name in missing
                ]
            )

    def get_help_text(self) -> str:
        """The rule in words."""
        return str(_("At least one capital letter, one small letter, one digit and one special character."))

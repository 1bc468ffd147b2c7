"""The settings say what the rules and the requirements say."""

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from apps.authentication.rules import ABSOLUTE_LIMIT, IDLE_LIMIT


def test_the_browser_counts_the_same_idle_minutes() -> None:
    assert IDLE_LIMIT.total_seconds() == settings.IDLE_TIMEOUT_SECONDS
    assert settings.IDLE_WARNING_SECONDS < settings.IDLE_TIMEOUT_SECONDS
    assert ABSOLUTE_LIMIT.total_seconds() == settings.SESSION_COOKIE_AGE


@pytest.mark.parametrize("password", ["Abcdefg-123", "abcdefghij-1", "ABCDEFGHIJ-1", "Abcdefghijk-", "Abcdefghij12"])
def test_every_rule_is_switched_on(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password)


def test_twelve_characters_of_every_class_will_do() -> None:
    validate_password("Vq7-kettle-mx")

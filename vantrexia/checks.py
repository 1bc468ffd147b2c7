"""System checks that speak when the configuration is wrong. In production they stop every command and every start."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from apps.foundation.encryption.services import root_keys
from apps.foundation.encryption.types import KeyUnavailable

_SHORTEST_SECRET = 32
_OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]", "testserver"})


@register()
def configuration(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Everything that is wrong with the settings of this installation."""
    problems = _keys_that_do_not_work() + _shipped_secrets_in_public()
    if settings.PRODUCTION:
        problems += _unsafe_in_production()
    return problems


def _keys_that_do_not_work() -> list[CheckMessage]:
    try:
        root_keys()
    except KeyUnavailable as error:
        return [Error(str(error), hint="Set FIELD_ENCRYPTION_KEY.", id="vantrexia.E001")]
    return []


def _shipped_secrets_in_public() -> list[CheckMessage]:
    """Somebody who forgets VANTREXIA_MODE names a real host and would run on secrets that everybody knows."""
    used = {settings.SECRET_KEY, *settings.FIELD_ENCRYPTION_KEY, *settings.MIO_WEBHOOK_SECRETS}
    public = set(settings.ALLOWED_HOSTS) - _OWN_HOSTS
    if settings.PRODUCTION or not public or not used & set(_shipped()):
        return []
    text = "ALLOWED_HOSTS names a public host, but a secret is the one shipped for development."
    return [Error(text, hint="Set VANTREXIA_MODE=production and secrets of your own.", id="vantrexia.E008")]


def _shipped() -> tuple[str, ...]:
    return (settings.DEVELOPMENT_SECRET, settings.DEVELOPMENT_FIELD_KEY, settings.DEVELOPMENT_WEBHOOK_SECRET)


def _unsafe_in_production() -> list[CheckMessage]:
    shipped = _shipped()
    found = [
        (settings.DEBUG, "E002", "DEBUG is on.", "Unset DEBUG."),
        (
            len(settings.SECRET_KEY) < _SHORTEST_SECRET or settings.SECRET_KEY in shipped,
            "E003",
            "SECRET_KEY is missing, short, or the one shipped for development.",
            "Set SECRET_KEY to at least 32 random characters.",
        ),
        (
            any(key in shipped for key in settings.FIELD_ENCRYPTION_KEY),
            "E004",
            "FIELD_ENCRYPTION_KEY is the one shipped for development.",
            "Set it to a key of your own, 32 random bytes in base64url.",
        ),
        (
            not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE),
            "E005",
            "Cookies would travel over plain HTTP.",
            "Unset SECURE_COOKIES.",
        ),
        (
            not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS,
            "E006",
            "ALLOWED_HOSTS is empty or allows every host.",
            "Set ALLOWED_HOSTS to the names this installation answers to.",
        ),
        (
            any(len(secret) < _SHORTEST_SECRET or secret in shipped for secret in settings.MIO_WEBHOOK_SECRETS),
            "E007",
            "A webhook secret is short or the one shipped for development.",
            "Set MIO_WEBHOOK_SECRETS to secrets of at least 32 characters.",
        ),
    ]
    return [Error(text, hint=hint, id=f"vantrexia.{number}") for wrong, number, text, hint in found if wrong]


def refuse_unsafe_start() -> None:
    """Returns when the configuration is right. Raises ImproperlyConfigured with every problem otherwise."""
    problems = configuration()
    if problems:
        raise ImproperlyConfigured("; ".join(f"{problem.id} {problem.msg} {problem.hint}" for problem in problems))

"""System checks that speak when the configuration is wrong. In production they stop every command and every start."""

import sys
from collections.abc import Sequence
from typing import Any

import structlog
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connections

from apps.foundation.encryption.services import refusal_to_start, root_keys
from apps.foundation.encryption.types import KeyUnavailable
from apps.foundation.tenancy.selectors import role_owning_tables

_log = structlog.get_logger("start")
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


@register(Tags.database)
def role_in_the_database(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """vantrexia.W001 when the product in production is the owner of its tables, and could change the audit log."""
    if not settings.DATABASE_ROLE_BOUND:
        return []
    owners = [name for name in map(role_owning_tables, databases or []) if name]
    text = (
        "The product is connected to PostgreSQL as the owner of its tables: it could change policies and the audit log."
    )
    hint = "Run manage.py secure_database, and name that role in DATABASE_URL, the owner in DATABASE_OWNER_URL."
    return [Warning(text, hint=hint, obj=name, id="vantrexia.W001") for name in owners]


def refuse_unsafe_start() -> None:
    """Returns when the configuration is right. Raises ImproperlyConfigured with every problem otherwise."""
    problems = configuration()
    if settings.PRODUCTION and settings.AS_OWNER:
        text = "DATABASE_AS_OWNER is for the commands that change tables; the product would go round its own policies."
        problems.append(Error(text, hint="Unset DATABASE_AS_OWNER.", id="vantrexia.E009"))
    if problems:
        raise ImproperlyConfigured("; ".join(f"{problem.id} {problem.msg} {problem.hint}" for problem in problems))


def warn_of_weak_database() -> None:
    """The log has a line for each thing that the database would allow the product and should not."""
    try:
        for problem in role_in_the_database(databases=list(connections)):
            _log.warning("weak_database", check=problem.id, role=problem.obj, hint=problem.hint)
    except OperationalError:
        _log.warning("database_not_reached")
    finally:
        connections.close_all()


def refuse_closed_keys() -> None:
    """Returns when every key in the database opens. Ends the process with one line on stderr otherwise."""
    line = refusal_to_start()
    connections.close_all()
    if line:
        sys.stderr.write(f"{line}\n")
        raise SystemExit(1)

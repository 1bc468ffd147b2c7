"""Typed readers of the environment. NAME_FILE may point to a mounted secret instead."""

import os
from pathlib import Path
from typing import Any

import environ

_SCHEMES_OF_CACHE = ("redis://", "rediss://", "unix://")


class ConfigurationError(Exception):
    """A variable of the environment is wrong. The text names the variable, never its value."""


def text(name: str, default: str = "") -> str:
    """The variable as text, from the environment or from the file named by NAME_FILE."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError:
            raise ConfigurationError(f"{name}_FILE names a file that cannot be read") from None
    return os.environ.get(name, default)


def words(name: str, default: str = "") -> list[str]:
    """The variable as a list, split at commas."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def flag(name: str, *, default: bool) -> bool:
    """The variable as yes or no."""
    given = text(name).strip().lower()
    if not given:
        return default
    if given in {"1", "true", "yes", "on"}:
        return True
    if given in {"0", "false", "no", "off"}:
        return False
    raise ConfigurationError(f"{name} must be yes or no")


def number(name: str, *, default: int) -> int:
    """The variable as a whole number."""
    given = text(name).strip()
    if not given:
        return default
    try:
        return int(given)
    except ValueError:
        raise ConfigurationError(f"{name} must be a whole number") from None


def choice(name: str, *, options: tuple[str, ...], default: str) -> str:
    """The variable, which must be one of the options."""
    given = text(name).strip() or default
    if given not in options:
        raise ConfigurationError(f"{name} must be one of {', '.join(options)}")
    return given


def database(name: str, *, sqlite_file: Path) -> dict[str, Any]:
    """The database that a URL names (PostgreSQL or SQLite), else the SQLite file."""
    given = text(name)
    if not given:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(sqlite_file)}
    try:
        parsed: dict[str, Any] = dict(environ.Env.db_url_config(given))
    except Exception:
        raise ConfigurationError(f"{name} is not a database URL") from None
    if parsed.get("ENGINE") not in {"django.db.backends.sqlite3", "django.db.backends.postgresql"}:
        raise ConfigurationError(f"{name} must name PostgreSQL or SQLite")
    return parsed


def redis_url(name: str) -> str:
    """The address of Redis, or nothing."""
    given = text(name)
    if given and not given.startswith(_SCHEMES_OF_CACHE):
        raise ConfigurationError(f"{name} must be a redis:// address")
    return given

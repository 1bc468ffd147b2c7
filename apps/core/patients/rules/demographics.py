"""Demographics as JSON and back: what is empty is left out, so that a record says only what is known."""

from collections.abc import Collection
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, cast, get_args, get_origin, get_type_hints

from apps.core.patients.types import Demographics

_NOTHING = Demographics()
TOLD_OF = {
    "phone": {"phone_period"},
    "email": {"email_period"},
    "address_lines": {"address_period"},
    "city": {"address_period", "district"},
    "state": {"address_period", "district"},
    "postal_code": {"address_period", "district"},
}
"""What is true of the value in a column and of no other that comes after it."""


def demographics_to_json(given: Demographics | None) -> dict[str, Any] | None:
    """The sealed column's value; None where there is nothing to say."""
    return (_plain(given) or None) if given is not None else None


def demographics_from_json(stored: dict[str, Any] | None) -> Demographics:
    """What the sealed column says; nothing where it is empty. Keys of a later version are passed over."""
    return cast(Demographics, _typed(Demographics, stored)) if stored else _NOTHING


def tells_of_death(stored: dict[str, Any] | None) -> bool:
    """Whether the sealed column's value says that the patient has died; lists ask it of every row."""
    said = {name: held for name, held in (stored or {}).items() if name in ("deceased", "deceased_at")}
    return bool(said) and demographics_from_json(said).is_deceased


def without_what_was_told_of(stored: dict[str, Any] | None, columns: Collection[str]) -> dict[str, Any] | None:
    """The sealed column's value after these columns have got other values."""
    past = {name for column in columns for name in TOLD_OF[column]}
    return {name: value for name, value in (stored or {}).items() if name not in past} or None


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        named = ((one, getattr(value, one.name)) for one in fields(value))
        return {one.name: _plain(held) for one, held in named if held != _default(one)}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


def _default(one: Field[Any]) -> Any:
    return None if one.default is MISSING else one.default


@cache
def _hints(kind: type) -> dict[str, Any]:
    """The types of a dataclass's fields; resolving them costs more than opening a row does."""
    return get_type_hints(kind)


def _typed(kind: Any, value: Any) -> Any:
    if get_origin(kind) is UnionType:
        kind = next(one for one in get_args(kind) if one is not type(None))
        return None if value is None else _typed(kind, value)
    if get_origin(kind) is tuple:
        return tuple(_typed(get_args(kind)[0], one) for one in value)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{one.name: _typed(hints[one.name], value[one.name]) for one in fields(kind) if one.name in value})
    return value

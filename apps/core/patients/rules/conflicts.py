"""Two people changed one record at once: what of the later one's form can be kept. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Merge:
    """`taken`: fields that only the others changed. `disputed`: fields that both changed, to different values."""

    taken: tuple[str, ...]
    disputed: tuple[str, ...]


def merge(*, typed: Mapping[str, Any], opened: Mapping[str, Any], current: Mapping[str, Any]) -> Merge:
    """How a form that was opened earlier fits what stands now.

    `opened` holds the fields that others changed since, with their values back then; `typed` what the person sends,
    `current` what stands. A field that nobody else changed is the person's own business.
    """
    changed = [name for name in opened if name in typed and name in current]
    differing = [name for name in changed if entry_text(typed[name]) != entry_text(current[name])]
    untouched = tuple(name for name in differing if entry_text(typed[name]) == entry_text(opened[name]))
    return Merge(untouched, tuple(name for name in differing if name not in untouched))


def entry_text(value: Any) -> str:
    """An entry in one form to compare, whether it comes from a form, a row or the log."""
    if value is None or value is False:
        return ""
    if isinstance(value, list | tuple):
        return "\n".join(str(one) for one in value)
    return str(value).strip()

"""Every address of the product, read from the URLconf itself: a new one is tested before anyone thinks of it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Route:
    """One pattern: its text, the view behind it, and its slots (name → converter)."""

    text: str
    view: Callable[..., Any]
    slots: tuple[str, ...]
    namespaces: tuple[str, ...]

    @property
    def module(self) -> str:
        """Where the view was written, under whatever wraps it."""
        view: Any = self.view
        return str(getattr(getattr(view, "view_class", getattr(view, "cls", view)), "__module__", ""))

    @property
    def is_ours(self) -> bool:
        """False for the pages that an installed package brings along."""
        return self.module.startswith(("apps.", "vantrexia"))

    def address(self, **values: object) -> str:
        """The path with its slots filled."""

        def fill(slot: re.Match[str]) -> str:
            return str(values[slot.group(1).rpartition(":")[2]])

        return "/" + re.sub(r"<([^>]+)>", fill, self.text)


def all_routes() -> list[Route]:
    """Every pattern that can be reached."""
    found = list(_walk(get_resolver().url_patterns, "", (), ()))
    assert len(found) > 20, "the URLconf was not walked"
    return found


def _walk(patterns: Any, prefix: str, slots: tuple[str, ...], namespaces: tuple[str, ...]) -> Iterator[Route]:
    for entry in patterns:
        text = prefix + re.sub(r"[\^$]|\\Z", "", str(entry.pattern))
        here = (*slots, *entry.pattern.converters, *getattr(entry.pattern.regex, "groupindex", {}))
        here = tuple(dict.fromkeys(here))
        if isinstance(entry, URLResolver):
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from _walk(entry.url_patterns, text, here, inner)
        elif isinstance(entry, URLPattern):
            yield Route(text, entry.callback, here, namespaces)

"""Requests and answers as plain values."""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """One request, whole."""

    method: str
    path: str
    version: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body; None where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True)
class Answer:
    """One answer."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Ledger:
    """What was sent, what is to be answered next, and which tokens are dead."""

    received: list[dict[str, Any]] = field(default_factory=list)
    forced: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    fates: dict[str, dict[str, Any]] = field(default_factory=dict)

    def next_of(self, service: str) -> Answer | None:
        """The answer that somebody ordered for the next request, once."""
        waiting = self.forced.get(service)
        if not waiting:
            return None
        ordered = waiting.pop(0)
        return Answer(ordered["status"], ordered.get("body"), ordered.get("headers", {}))

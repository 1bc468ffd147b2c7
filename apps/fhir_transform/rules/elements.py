"""Reading a resource so that nothing is dropped in silence: what nobody takes is reported when its element closes."""

from collections.abc import Collection
from typing import Any, Self

from apps.fhir_transform.types import FaultyElement, FhirFault, Unmapped, UnmappedElement


class Report:
    """What could not be kept as it was, and what stands in the way."""

    def __init__(self) -> None:
        self.unmapped: set[UnmappedElement] = set()
        self.faults: set[FaultyElement] = set()


class Element:
    """One JSON object of a resource. Every member is taken once; `close` reports the others."""

    def __init__(self, node: dict[str, Any], path: str, report: Report) -> None:
        self._rest = dict(node)
        self.path = path
        self._report = report

    def has(self, name: str) -> bool:
        """Whether the member is there and nobody took it."""
        return self._rest.get(name) not in (None, "", [], {})

    def take(self, name: str) -> Any:
        """The member as it stands, or None."""
        return self._rest.pop(name, None)

    def text(self, name: str) -> str:
        """A text without spaces around it; "" where there is none."""
        return self._text(self._rest.pop(name, None), f"{self.path}.{name}")

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a list; empty places, which only carry extensions, are passed over."""
        given = self._rest.pop(name, None) or []
        found = (self._text(one, f"{self.path}.{name}[{at}]") for at, one in enumerate(given) if one is not None)
        return tuple(one for one in found if one)

    def code(self, name: str, allowed: Collection[str]) -> str:
        """One of the codes, or "". Another code stands in the way: FHIR requires these."""
        given = self.text(name)
        if given and given not in allowed:
            self.refuse(name, FhirFault.UNKNOWN_CODE)
        return given

    def flag(self, name: str) -> bool | None:
        """Yes, no, or None."""
        given = self._rest.pop(name, None)
        if given is not None and not isinstance(given, bool):
            self.refuse(name, FhirFault.INVALID)
            return None
        return given

    def number(self, name: str) -> int | None:
        """A whole number, or None."""
        given = self._rest.pop(name, None)
        if given is not None and (isinstance(given, bool) or not isinstance(given, int)):
            self.refuse(name, FhirFault.INVALID)
            return None
        return given

    def child(self, name: str) -> Self | None:
        """The member as an element, or None."""
        node = self._rest.pop(name, None)
        return type(self)(node, f"{self.path}.{name}", self._report) if isinstance(node, dict) else None

    def children(self, name: str) -> list[Self]:
        """The members of a list as elements."""
        nodes = self._rest.pop(name, None) or []
        return [
            type(self)(node, f"{self.path}.{name}[{at}]", self._report)
            for at, node in enumerate(nodes)
            if isinstance(node, dict)
        ]

    def report(self, name: str = "", reason: Unmapped = Unmapped.NO_PLACE) -> None:
        """The member (or the whole element) is not kept as it was."""
        self._report.unmapped.add(UnmappedElement(self._path_of(name), reason))

    def refuse(self, name: str = "", fault: FhirFault = FhirFault.INVALID) -> None:
        """The member (or the whole element) stands in the way."""
        self._report.faults.add(FaultyElement(self._path_of(name), fault))

    def close(self) -> None:
        """Everything that nobody took is reported as having no place."""
        for name in [name for name in self._rest if self.has(name)]:
            self.report(name)
        self._rest.clear()

    def drop(self, reason: Unmapped = Unmapped.NO_PLACE) -> None:
        """The whole element is reported, not its members."""
        self._rest.clear()
        self.report(reason=reason)

    def _path_of(self, name: str) -> str:
        if not name:
            return self.path
        return f"{self.path}.{name[1:]}.extension" if name.startswith("_") else f"{self.path}.{name}"

    def _text(self, given: Any, path: str) -> str:
        if given is None:
            return ""
        if not isinstance(given, str) or "\0" in given:
            self._report.faults.add(FaultyElement(path, FhirFault.INVALID))
            return ""
        if given.strip() != given:
            self._report.unmapped.add(UnmappedElement(path, Unmapped.CONVERTED))
        return given.strip()

"""The documents that patients come in: one resource, a Bundle, or one resource a line (NDJSON). Pure."""

from collections.abc import Iterator
from typing import Any

import orjson

from apps.fhir_transform.types import DocumentEntry, FaultyElement, FhirFault

_NOT_JSON = FaultyElement("", FhirFault.NOT_JSON)


def document_entries(text: bytes) -> Iterator[DocumentEntry]:
    """Every resource of the document in its order; what cannot be read is an entry with its fault."""
    text = text.removeprefix(b"\xef\xbb\xbf")
    whole = _read(text)
    if whole is not None:
        yield from _of_json(whole)
        return
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(lines) < 2 or _read(lines[0][1]) is None:
        yield DocumentEntry("", None, (_NOT_JSON,))
        return
    for number, line in lines:
        yield line_entry(number, line)


def compact(text: bytes) -> bytes:
    """The same document without the spaces between its parts; unchanged where it is no single JSON value."""
    whole = _read(text.removeprefix(b"\xef\xbb\xbf"))
    return text if whole is None else orjson.dumps(whole)


def line_entry(number: int, line: bytes) -> DocumentEntry:
    """The resource of one line of NDJSON."""
    found = _read(line)
    return _entry(f"line {number}", found) if found is not None else DocumentEntry(f"line {number}", None, (_NOT_JSON,))


def _of_json(whole: Any) -> Iterator[DocumentEntry]:
    if not isinstance(whole, dict) or whole.get("resourceType") != "Bundle":
        yield _entry("", whole)
        return
    entries = whole.get("entry")
    for at, one in enumerate(entries if isinstance(entries, list) else []):
        yield _entry(f"Bundle.entry[{at}]", one.get("resource") if isinstance(one, dict) else None)


def _entry(place: str, found: Any) -> DocumentEntry:
    if isinstance(found, dict):
        return DocumentEntry(place, found)
    return DocumentEntry(place, None, (FaultyElement("resourceType", FhirFault.NOT_A_RESOURCE),))


def _read(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None

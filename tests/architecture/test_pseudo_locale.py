"""No page shows words that the translation never saw: each is drawn in a language that marks what it translates."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.utils import translation

from apps.authentication.models import User
from apps.core.patients.models import Patient
from apps.core.patients.types.devices import CATALOGUE
from apps.foundation.tenancy.models import Practice
from apps.foundation.web.templatetags import drawing, web
from apps.settings.types import US_STATES
from tests.architecture.routes import Route, all_routes
from tests.architecture.test_access_matrix import address_of
from tests.architecture.test_other_practice import CANARY, Belongings, furnish
from tests.cast import Cast
from vantrexia.access import ACCESS

pytestmark = [pytest.mark.once, pytest.mark.django_db]

OPENED, CLOSED = "⟦", "⟧"
WORD = re.compile(r"[A-Za-z]{3,}")
# Ids, digests, addresses, zones, the names of acts and of versions.
CODES = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,}|…[0-9a-f]+|\S+@\S+|https?://\S+|/\S+/\S*|\S+_\S+|[A-Z]\w+/[\w ]+"
    r"|[A-Z]{2,4}T\b|risk-\d"
)
ACT = re.compile(r"[a-z_]+\.[a-z_]+")
SILENT = {"script", "style", "code", "kbd", "samp", "pre", "textarea"}
EMPTY = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
SPOKEN = {"aria-label", "title", "placeholder", "alt", "summary", "data-offline", "data-failed"}
CALLERS = ("admin", "provider", "nurse", "patient")
# Words that are the same in every language: names, units, codes, and what a person typed.
EVERYWHERE = {
    *("Vantrexia", "MRN", "RPM", "CCM", "SSN", "FHIR", "API", "JSON", "NDJSON", "CSV", "PDF", "EMR", "CPT", "ICD"),
    *("TOTP", "mmHg", "bpm", "min", "SpO", "UCUM", "LOINC", "SHA", "AES", "HMAC", "UTC", "English", "Espa", "HTN"),
}  # fmt: skip


class Words(HTMLParser):
    """The texts of a page that a person reads or hears."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.spoken: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.spoken += [value for name, value in attrs if name in SPOKEN and value and not ACT.fullmatch(value)]
        if tag == "input" and given.get("type") in {"submit", "button"}:
            self.spoken.append(given.get("value") or "")
        if tag not in EMPTY:
            in_one_language = tag != "html" and ("lang" in given or given.get("translate") == "no")
            self._open.append((tag, tag in SILENT or in_one_language))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(silent for _tag, silent in self._open):
            self.texts.append(data)


def outside(texts: list[str]) -> list[str]:
    """The texts without what is marked; a mark may begin in one text and end in another, with a link between."""
    depth, found = 0, []
    for text in texts:
        kept = []
        for sign in text:
            depth += (sign == OPENED) - (sign == CLOSED)
            kept.append(" " if depth or sign == CLOSED else sign)
        found.append("".join(kept))
    return found


def raw_words(page: str, known: set[str]) -> set[str]:
    """What stands on the page outside every translated text, and is no name or code."""
    reader = Words()
    reader.feed(page)
    found = set()
    for rest in outside(reader.spoken) + outside(reader.texts):
        words = WORD.findall(CODES.sub(" ", rest))
        if any(word not in known for word in words):
            found.add(" ".join(rest.split()))
    return found


@pytest.fixture
def marking(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Everything that goes through the translation comes out between marks."""

    def mark(text: str) -> str:
        return f"{OPENED}{text}{CLOSED}" if text.strip() else text

    def several(singular: str, plural: str, number: Any) -> str:
        return mark(singular if number == 1 else plural)

    functions = {
        "gettext": mark,
        "ngettext": several,
        "pgettext": lambda _context, text: mark(text),
        "npgettext": lambda _context, singular, plural, number: several(singular, plural, number),
    }
    forget_words()
    for name, function in functions.items():
        monkeypatch.setattr(translation._trans, name, function, raising=False)
    yield
    forget_words()


def forget_words() -> None:
    """What is remembered by language is not remembered as it was said before."""
    for member in (*vars(web).values(), *vars(drawing).values()):
        if hasattr(member, "cache_clear"):
            member.cache_clear()


def known_words(own: Belongings) -> set[str]:
    """Names of people and places, and the words that the stage has typed in."""
    names = [*User.objects.values_list("full_name", flat=True), *Practice.objects.values_list("name", flat=True)]
    names += [part for patient in Patient._base_manager.all() for part in (patient.first_name, patient.last_name)]
    typed = ["Chest pain on the phone, provider away", "Warehouse", "Invited Colleague", "Epic", "Your readings"]
    typed += ["1 tablet every morning", "A copy of everything, please", "Nonin OneTouch", "It is in the portal"]
    names += [*typed, *US_STATES.values(), *(model.name for model in CATALOGUE), *(model.code for model in CATALOGUE)]
    words = {word for name in names for word in WORD.findall(name)}
    return EVERYWHERE | words | {word.upper() for word in words} | {CANARY, CANARY.upper()}


def pages_of(caller: str) -> list[Route]:
    """The addresses that this caller may read."""
    return [
        route
        for route in all_routes()
        for methods, who in ACCESS.get(route.text, {}).items()
        if "GET" in methods.split() and caller in who and not route.text.startswith(("admin/", "api/"))
    ]


@pytest.mark.parametrize("caller", CALLERS)
def test_every_word_went_through_the_translation(caller: str, cast: Cast, marking: None, settings: Any) -> None:
    settings.RATE_LIMIT_PER_MINUTE = 10_000
    own = furnish(cast.highland)
    with cast.highland.scope():
        known = known_words(own)
    client = cast.highland.client(caller)
    client.raise_request_exception = False
    raw = {}
    seen = 0
    for route in pages_of(caller):
        answer = client.get(address_of(route, own), follow=True)
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            continue
        seen += 1
        found = raw_words(answer.content.decode(), known)
        if found:
            raw[route.text] = sorted(found)
    assert seen > 10, "the pages were not opened"
    assert not raw, json.dumps(raw, indent=1)


def test_a_raw_word_is_found() -> None:
    page = '<p>⟦Saved⟧ sent Jane</p><button aria-label="Close">⟦×⟧</button><p>Hello ⟦there ⟦you⟧⟧</p><code>raw</code>'
    assert raw_words(page, {"Jane"}) == {"sent Jane", "Close", "Hello"}

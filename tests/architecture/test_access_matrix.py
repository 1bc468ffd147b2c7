"""Every address, every method, everybody: what `vantrexia/access.py` says is what real requests answer.

A new address or method fails here until somebody writes down who may; so does a line whose address is gone.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from tests.architecture.routes import Route, all_routes
from tests.architecture.test_other_practice import Belongings, furnish
from tests.cast import Cast
from vantrexia.access import ACCESS, ANONYMOUS, CALLERS, STRANGER, lines

ROOT = Path(__file__).resolve().parents[2]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ALLOWED, DENIED, SIGN_IN, WRONG_METHOD = "allowed", "denied", "sign-in", "wrong method"
# Slots that name no row: what they hold decides nothing about who may.
BESIDE = {"uidb36": "1", "key": "set-password", "url": "nowhere/", "app_label": "patients"}
# Where a right answer is "not found" even for who may, because of what the slot holds above.
NOTHING_THERE = {
    ".well-known/security.txt",
    "account/practice/",
    "admin/(?P<url>.*)",
    "account/invitation/accept/",
    "portal/invitation/birth-date/",
    "portal/invitation/password/",
    "account/sessions/<uuid:place_id>/end/",
    "account/notifications/<uuid:destination_id>/remove/",
    "api/v1/notifications/devices/<uuid:destination_id>/",
    "patients/<uuid:patient_id>/ssn/",
    "patients/<uuid:patient_id>/portal/revoke/",
    "patients/<uuid:patient_id>/portal/unlock/",
    "triage/views/<uuid:view_id>/forget/",
}
# Who may at all, and then one's own only: the row of the stage is the nurse's.
ONES_OWN = {
    "patients/<uuid:patient_id>/time/<uuid:time_id>/correct/",
    "patients/<uuid:patient_id>/time/<uuid:time_id>/withdraw/",
}


class Callers:
    """Everybody of one practice in their browsers. One that wrote something signs in anew: it may have signed out."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.browsers: dict[str, Client] = {}

    def ask(self, caller: str, method: str, address: str) -> HttpResponse:
        """The answer, whose effects are taken back."""
        client = self.browsers.get(caller) or self._enter(caller)
        client.raise_request_exception = False
        self.browsers[caller] = client
        with transaction.atomic():
            kind = "application/json" if address.startswith("/api/") else "application/x-www-form-urlencoded"
            more = {} if method == "GET" else {"data": "{}" if "json" in kind else "", "content_type": kind}
            answer: HttpResponse = getattr(client, method.lower())(address, **more)
            transaction.set_rollback(True)
        if method != "GET" and answer.status_code not in {403, 404, 405}:
            del self.browsers[caller]
        return answer

    def _enter(self, caller: str) -> Client:
        if caller == ANONYMOUS:
            return Client()
        if caller == STRANGER:
            client = Client()
            client.force_login(self.cast.stranger)
            return client
        return self.cast.highland.client(caller)


def outcome_of(answer: HttpResponse) -> str:
    """What the answer says about who asked; that something else is wrong with the request is not about them."""
    if answer.status_code == 405:
        return WRONG_METHOD
    if answer.status_code == 401 or (answer.status_code == 302 and "/account/login/" in answer["Location"]):
        return SIGN_IN
    if answer.status_code == 403:
        return DENIED
    assert answer.status_code < 500, "an address that breaks tells nothing"
    return ALLOWED


def wrong_answers(route: Route, address: str, callers: Callers) -> Iterator[str]:
    """Each answer that is not the one of the table."""
    rows = {method: who for methods, who in ACCESS.get(route.text, {}).items() for method in methods.split()}
    for method in METHODS:
        who = rows.get(method)
        for caller in CALLERS if who is not None else _somebody(rows):
            answer = callers.ask(caller, method, address)
            found = outcome_of(answer)
            if not _fits(found, caller, who, route):
                yield f"{method} {route.text} {caller}: {found} ({answer.status_code})"
            elif found == ALLOWED and answer.status_code == 404 and not is_empty(route):
                yield f"{method} {route.text} {caller}: nothing was found, so nothing was tested"


def _somebody(rows: dict[str, frozenset[str]]) -> list[str]:
    """One who may use the address at all, so that it is the method that is refused and not the caller."""
    return sorted(frozenset().union(*rows.values()) - {ANONYMOUS, STRANGER})[:1]


def _fits(found: str, caller: str, who: frozenset[str] | None, route: Route) -> bool:
    if who is None:
        return found == WRONG_METHOD
    if caller in who:
        not_theirs = route.text in ONES_OWN and caller != "nurse" and found == DENIED
        return found == ALLOWED or (is_public(route) and found == SIGN_IN) or not_theirs
    return found in {SIGN_IN if caller == ANONYMOUS else DENIED, WRONG_METHOD}


def is_empty(route: Route) -> bool:
    """Whether nothing stands there; the admin's rows, of whatever table, are tried in tests/views/admin."""
    return route.text in NOTHING_THERE or "object_id" in route.slots


def is_public(route: Route) -> bool:
    """Whether the view itself lets everybody in, and answers by a signature, a code or a step that was not made."""
    return bool(getattr(route.view, "guard_public_reason", ""))


def address_of(route: Route, own: Belongings) -> str:
    """The address with own rows in its slots; for the admin's, the row of the table that it shows."""
    if "object_id" in route.slots:
        return route.address(object_id=own.person_id)
    if set(route.slots) & set(BESIDE):
        text = route.text
        for slot, pattern in (("uidb36", "[0-9A-Za-z]+"), ("key", ".+"), ("url", ".*")):
            text = text.replace(f"(?P<{slot}>{pattern})", BESIDE[slot])
        head, found, tail = text.partition("(?P<app_label>")
        return "/" + (head + BESIDE["app_label"] + tail.partition(")")[2] if found else text)
    return own.fill(route) if route.slots else route.address()


def test_every_address_has_a_line_and_every_line_an_address() -> None:
    routes = {route.text for route in all_routes()}
    assert not routes - set(ACCESS), "say in vantrexia/access.py who may"
    assert not set(ACCESS) - routes, "these addresses are gone"


def test_lines_name_methods_and_callers_that_exist() -> None:
    for _text, method, who in lines():
        assert method in METHODS
        assert who <= set(CALLERS)


PARTS = ("", "portal/", "admin/", "api/", "account/", "settings/", "patients/<uuid:patient_id>/record/", "patients/")


def part_of(route: Route) -> str:
    """The longest of PARTS that the address begins with: the matrix is large, and parts can be tried at once."""
    return max((part for part in PARTS if route.text.startswith(part)), key=len)


@pytest.mark.once
@pytest.mark.django_db
@pytest.mark.parametrize("part", PARTS, ids=lambda part: part or "the rest")
def test_every_answer_is_the_one_of_the_table(part: str, cast: Cast) -> None:
    own, callers = furnish(cast.highland), Callers(cast)
    routes = [route for route in all_routes() if part_of(route) == part]
    assert len(routes) > 5
    wrong = [line for route in routes for line in wrong_answers(route, address_of(route, own), callers)]
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_printed_table_is_current(tmp_path: Path) -> None:
    call_command("print_permissions", to=str(tmp_path / "permissions.md"))
    written = (ROOT / "docs" / "permissions.md").read_text()
    assert (tmp_path / "permissions.md").read_text() == written, "run manage.py print_permissions"

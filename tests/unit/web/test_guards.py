"""A guarded view lets in who may, and says to the others what they can do."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.test import RequestFactory

from apps.foundation.tenancy.types import Actor, NotPermitted
from apps.foundation.web import guards
from apps.foundation.web.guards import guard, public, sign_in_url

requests = RequestFactory()
NURSE = Actor(uuid4(), uuid4(), "nurse", frozenset({"things.read"}))


@pytest.fixture(autouse=True)
def refused(monkeypatch):
    """Who was refused what, instead of rows in the log."""
    recorded = []
    monkeypatch.setattr(guards, "record_refusal", lambda actor, permission, view: recorded.append((permission, view)))
    return recorded


class Gone(Exception):
    pass


def ask(actor=None, *, signed_in=False, path="/things/?page=2", method="get", **headers):
    request = getattr(requests, method)(path, headers=headers)
    request.actor = actor
    request.user = SimpleNamespace(is_authenticated=signed_in or actor is not None)
    return request


@guard("things.read", not_found=(Gone,))
def things(request, outcome=None):
    if outcome:
        raise outcome
    return HttpResponse("here")


def test_who_may_is_let_in():
    assert things(ask(NURSE)).content == b"here"
    assert things.guard_permission == "things.read"


def test_a_stranger_is_sent_to_sign_in_with_the_way_back():
    response = things(ask())
    assert response.status_code == 302
    assert response.url == "/account/login/?next=%2Fthings%2F%3Fpage%3D2"


def test_a_strangers_fragment_is_401_and_htmx_goes_to_sign_in():
    response = things(ask(HX_Request="true"))
    assert response.status_code == 401
    assert response["HX-Redirect"] == "/account/login/"


def test_the_way_back_never_leads_to_a_form_that_was_sent():
    assert sign_in_url(ask(method="post")) == "/account/login/"


def test_who_may_not_is_refused_and_the_refusal_recorded(refused):
    with pytest.raises(PermissionDenied):
        things(ask(Actor(uuid4(), uuid4(), "patient")))
    assert refused == [("things.read", "things")]


def test_who_belongs_nowhere_is_refused_and_not_sent_in_circles():
    with pytest.raises(PermissionDenied):
        things(ask(signed_in=True))


def test_a_refusal_further_down_is_the_same_refusal(refused):
    with pytest.raises(PermissionDenied):
        things(ask(NURSE), NotPermitted("things.change"))
    assert refused == [("things.change", "things")]


def test_what_is_not_found_is_404_and_other_errors_stay_errors():
    with pytest.raises(Http404):
        things(ask(NURSE), Gone())
    with pytest.raises(ZeroDivisionError):
        things(ask(NURSE), ZeroDivisionError())


def test_a_public_view_gives_its_reason():
    view = public(reason="says nothing")(lambda request: HttpResponse("open"))
    assert view(ask()).content == b"open"
    assert view.guard_public_reason == "says nothing"
    with pytest.raises(ValueError, match="reason"):
        public(reason=" ")

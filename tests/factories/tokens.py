"""Programs that are let in: tokens of a person, the key of a service, and a client that sends either."""

import secrets
from typing import Any
from uuid import UUID

from django.test import Client

from apps.authentication.services import issue_api_key, issue_tokens, open_session
from apps.authentication.types import Permission, TokenPair
from tests.cast import CastPractice


def tokens_of(practice: CastPractice, role: str) -> TokenPair:
    """The first pair of a new sign-in."""
    return issue_tokens(user_id=practice.people[role], practice_id=practice.id, ip="192.0.2.1", client="pytest")


def key_of(practice: CastPractice, *scopes: Permission, days: int = 30) -> str:
    """A new key, issued by the administrator."""
    with practice.scope():
        issued = issue_api_key(name="Warehouse", scopes=scopes, days=days, by=practice.actor("admin"))
    return issued.secret


def key_id_of(practice: CastPractice) -> UUID:
    """The id of a new key."""
    with practice.scope():
        return issue_api_key(name="Warehouse", scopes=[Permission.PATIENT_READ], days=30, by=practice.actor("admin")).id


def place_of(practice: CastPractice) -> UUID:
    """A browser in which the nurse is signed in."""
    return open_session(
        request_session_key_hash=secrets.token_hex(32),
        user_id=practice.people["nurse"],
        ip="192.0.2.1",
        browser="",
        by=practice.actor("nurse"),
    )


def program(authorization: str, **headers: Any) -> Client:
    """A client without cookies that sends this with every request, and insists on CSRF where it is asked for."""
    return Client(enforce_csrf_checks=True, headers={"Authorization": authorization, **headers})


def bearer(practice: CastPractice, role: str) -> Client:
    """A program that signed in as the person of this role."""
    return program(f"Bearer {tokens_of(practice, role).access}")


def service(practice: CastPractice, *scopes: Permission) -> Client:
    """A service with a new key."""
    return program(f"Api-Key {key_of(practice, *scopes)}")

"""Opening the scope of a practice, and registering practices."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import django_scopes
from django.db import transaction

from apps.foundation.encryption.services import create_keys
from apps.foundation.tenancy.models import Practice, practice_in_scope
from apps.foundation.tenancy.types import NoPracticeScope


@contextmanager
def scope(practice_id: UUID) -> Iterator[None]:
    """Inside, queries find the rows of this practice and no others, and new rows belong to it."""
    with django_scopes.scope(practice=practice_id):
        yield


@contextmanager
def platform_scope() -> Iterator[None]:
    """Inside, queries see every practice. For work that has no practice yet; never for answering a person."""
    with django_scopes.scopes_disabled():
        yield


def current_practice_id() -> UUID:
    """The practice in scope. Raises NoPracticeScope when there is none."""
    practice_id = practice_in_scope()
    if practice_id is None:
        raise NoPracticeScope("no practice is in scope")
    return practice_id


def register_practice(*, name: str, time_zone: str, practice_id: UUID | None = None) -> UUID:
    """A practice with keys of its own exists; its id is returned."""
    with transaction.atomic():
        practice = Practice(name=name, time_zone=time_zone)
        if practice_id is not None:
            practice.id = practice_id
        practice.save(force_insert=True)
        create_keys(practice.id)
    return practice.id

"""What every test shares: a database whose log can be emptied between tests, and a bell that nobody hears."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import TransactionTestCase, override_settings

if TYPE_CHECKING:
    from tests.cast import Cast


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hashing is not what the tests test."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture
def cast(db: None) -> "Cast":
    """Two practices, one person of every role in each, and a stranger."""
    from tests.cast import assemble

    return assemble()


@pytest.fixture(autouse=True)
def silent_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is put into a real queue; tests call the services themselves."""
    from apps.foundation.jobs.decorators import Job

    monkeypatch.setattr(Job, "ring", lambda self: None)


@pytest.fixture(autouse=True)
def fresh_keys() -> Iterator[None]:
    """No key of one test's practices is remembered in the next."""
    from apps.foundation.encryption.keyring import forget_keys

    forget_keys()
    yield
    forget_keys()


_original_teardown = TransactionTestCase._fixture_teardown


def _teardown_with_append_only_tables(self: TransactionTestCase) -> None:
    from apps.foundation.audit import triggers

    triggers.remove(connection)
    try:
        _original_teardown(self)
    finally:
        triggers.install(connection)


TransactionTestCase._fixture_teardown = _teardown_with_append_only_tables  # type: ignore[method-assign]

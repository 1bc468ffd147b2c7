"""What every test shares: a database whose log can be emptied between tests, and a bell that nobody hears."""

import copy
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import hypothesis
import pytest
import pytest_django
from django.db import connection
from django.test import TransactionTestCase, override_settings

from tests import product_role

if TYPE_CHECKING:
    from tests.cast import Cast
    from tests.remembered import PlatformKeys, Remembered

# How long a machine takes is no property of the product. Every run tries the same examples, unless it is told how many
# new ones to look at: what that finds is then written down as a test.
more = int(os.environ.get("VANTREXIA_TEST_EXAMPLES", "0"))
hypothesis.settings.register_profile(
    "vantrexia",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=not more,
    max_examples=more or 100,
)
hypothesis.settings.load_profile("vantrexia")


LONGEST_FIRST = ("faults", "journeys", "architecture", "views", "browser")
"""Folders whose files take long: begun last, one of them would let the other processes of a run wait for its end."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    ranks = {config.rootpath / "tests" / folder: rank for rank, folder in enumerate(LONGEST_FIRST)}

    def rank_of(item: pytest.Item) -> int:
        return next((ranks[folder] for folder in item.path.parents if folder in ranks), len(ranks))

    items.sort(key=rank_of)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hashing is not what the tests test."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session")
def first_cast(
    quick_passwords: None, django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> "Remembered[Cast]":
    """The cast as the services made it in this process, before any test changed how they work."""
    from tests.cast import assemble
    from tests.remembered import remember

    with django_db_blocker.unblock():
        return remember(assemble)


@pytest.fixture
def cast(first_cast: "Remembered[Cast]", db: None) -> "Cast":
    """Two practices, one person of every role in each, and a stranger."""
    from tests.cast import assemble

    return copy.deepcopy(first_cast.made) if first_cast.put_back() else assemble()


@pytest.fixture(autouse=True)
def silent_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is put into a real queue; tests call the services themselves."""
    from apps.foundation.jobs.decorators import Job

    monkeypatch.setattr(Job, "ring", lambda self: None)


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The delays after failed sign-ins are collected instead of waited for."""
    from apps.authentication.services import lockout

    waited: list[float] = []
    monkeypatch.setattr(lockout, "pause", waited.append)
    return waited


@pytest.fixture(autouse=True)
def mail_leaves_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The outbox is full when the answer is there."""
    from apps.authentication.services import mail

    monkeypatch.setattr(mail, "in_background", lambda send: send())


@pytest.fixture(autouse=True)
def fresh_keys() -> Iterator[None]:
    """No key of one test's practices is remembered in the next."""
    from apps.foundation.encryption.keyring import forget_keys

    forget_keys()
    yield
    forget_keys()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[None]:
    """The database of the run, and the product's role in it."""
    from tests.remembered import PlatformKeys

    with django_db_blocker.unblock():
        _platform_keys.append(PlatformKeys())
        product_role.become_product()
    yield
    with django_db_blocker.unblock():
        product_role.become_owner()


_platform_keys: "list[PlatformKeys]" = []
_original_teardown = TransactionTestCase._fixture_teardown


def _teardown_with_append_only_tables(self: TransactionTestCase) -> None:
    from apps.core.billing import triggers as entries
    from apps.foundation.audit import triggers

    with product_role.as_owner():
        triggers.remove(connection)
        entries.remove(connection)
        try:
            _original_teardown(self)
            for keys in _platform_keys:
                keys.put_back()
        finally:
            triggers.install(connection)
            entries.install(connection)


TransactionTestCase._fixture_teardown = _teardown_with_append_only_tables  # type: ignore[method-assign]

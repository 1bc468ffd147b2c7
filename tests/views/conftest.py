"""What these tests share, and which of them are opened on SQLite only.

Pages are the same on every database, and what they ask of one is asked by the unit tests of their apps, which run on
both. What streams, races or signs in is opened on both all the same.
"""

from pathlib import Path

import pytest

from tests.repeats import warnings_open_at_once

__all__ = ["warnings_open_at_once"]

HERE = Path(__file__).parent
OPENED_ONCE = ("billing", "care", "fhir_api", "patients", "settings", "triage", "test_schemathesis.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not item.path.is_relative_to(HERE) or "race" in item.path.name:
            continue
        if item.path.relative_to(HERE).parts[0] in OPENED_ONCE:
            item.add_marker(pytest.mark.once)

"""Which of these tests run on SQLite only: those that read the tree, and never come to a database."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
OF_THE_TREE = ("contracts", "guards", "house", "requirements", "source", "templates", "translations")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE) and item.path.stem.removeprefix("test_") in OF_THE_TREE:
            item.add_marker(pytest.mark.once)

"""Several people at once, each over a connection of their own, on SQLite too."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection

Answer = TypeVar("Answer")
AtOnce = Callable[[int, Callable[[int], Answer]], list[Answer]]


@pytest.fixture
def at_once(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AtOnce:
    """Lets `count` threads act at the same moment and returns what each said.

    SQLite's test database lives in one thread; the threads work on a copy of it, in a file as the product does.
    """
    copied = False

    def prepare() -> None:
        nonlocal copied
        if connection.vendor != "sqlite" or copied:
            return
        connection.ensure_connection()
        file = tmp_path / "copy.sqlite3"
        with sqlite3.connect(file) as target:
            connection.connection.backup(target)
        target.close()
        monkeypatch.setitem(connection.settings_dict, "NAME", str(file))
        copied = True

    def run(count: int, act: Callable[[int], Answer]) -> list[Answer]:
        prepare()
        barrier = Barrier(count)

        def alone(number: int) -> Answer:
            try:
                connection.ensure_connection()
                barrier.wait(30)
                return act(number)
            finally:
                connection.close()

        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(alone, range(count)))

    return run

"""One installation for all fault tests of a file, on the kind of database on which the run is."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.conf import settings

from tests.faults.installation import Installation, Web


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("installation")
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        yield Installation(folder, "")
        return
    yield from _on_postgresql(folder, database)


def _on_postgresql(folder: Path, database: dict[str, str]) -> Iterator[Installation]:
    import psycopg

    name = f"vantrexia_faults_{uuid4().hex[:10]}"
    place = {
        "host": database["HOST"] or None,
        "port": database["PORT"] or None,
        "user": database["USER"] or None,
        "password": database["PASSWORD"] or None,
    }
    given = {key: value for key, value in place.items() if value}
    with psycopg.connect(dbname="postgres", autocommit=True, **given) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    secret = f":{quote(database['PASSWORD'], safe='')}" if database["PASSWORD"] else ""
    host = quote(database["HOST"], safe="") if database["HOST"].startswith("/") else database["HOST"]
    port = f":{database['PORT']}" if database["PORT"] else ""
    try:
        yield Installation(folder, f"postgres://{database['USER']}{secret}@{host}{port}/{name}")
    finally:
        with psycopg.connect(dbname="postgres", autocommit=True, **given) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def web(installation: Installation) -> Iterator[Web]:
    """A server for tests that don't harm it."""
    with installation.web() as running:
        yield running

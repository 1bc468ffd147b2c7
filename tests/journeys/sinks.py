"""Everything that a running product leaves behind, as bytes to search: database, queue, cache, logs, mail."""

import base64
import logging
import logging.config
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core import mail
from django.db import connection


def database() -> bytes:
    """The whole database: the file's own bytes on SQLite, every row of every table as text on PostgreSQL."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        image: bytes = connection.connection.serialize()
        return image
    lines = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            lines += [row[0] for row in cursor.fetchall()]
    return "\n".join(lines).encode()


def queue_and_cache() -> bytes:
    """What Redis holds, or the bell's file; without Redis the cache is a table and thus in the database."""
    if settings.REDIS_URL:
        return b"\n".join(_redis_values())
    files = sorted(Path(settings.VAR_DIR).glob("bell.sqlite3*"))
    return b"\n".join(path.read_bytes() for path in files)


def _redis_values() -> Iterator[bytes]:
    from redis import Redis

    redis: Any = Redis.from_url(settings.REDIS_URL)
    for key in redis.scan_iter():
        yield key
        kind = redis.type(key)
        if kind == b"string":
            yield redis.get(key)
        elif kind == b"list":
            yield from redis.lrange(key, 0, -1)
        elif kind == b"hash":
            yield from (value for pair in redis.hgetall(key).items() for value in pair)
        elif kind == b"zset":
            yield from redis.zrange(key, 0, -1)
        elif kind == b"set":
            yield from redis.smembers(key)


def outbox() -> bytes:
    """Mails that would have left."""
    return "\n".join(str(message.message()) for message in getattr(mail, "outbox", [])).encode()


def files() -> bytes:
    """Whatever else lies in the var folder."""
    kept = [path for path in Path(settings.VAR_DIR).rglob("*") if path.is_file()]
    return b"\n".join(path.read_bytes() for path in sorted(kept))


def logs(records: list[logging.LogRecord], streams: str) -> bytes:
    """Every log record as the product's own handler filters and writes it, and what reached the standard streams."""
    handler = _handler()
    lines = [handler.format(record) for record in records if handler.filter(record)]
    return "\n".join([*lines, streams]).encode()


def _handler() -> logging.Handler:
    configurator = logging.config.DictConfigurator(settings.LOGGING)
    formatters = {"line": configurator.configure_formatter(settings.LOGGING["formatters"]["line"])}
    filters = settings.LOGGING["handlers"]["stderr"]["filters"]
    handler = logging.NullHandler()
    handler.setFormatter(formatters["line"])
    for name in filters:
        handler.addFilter(configurator.configure_filter(settings.LOGGING["filters"][name]))
    return handler


def leaks(planted: Mapping[str, str], sinks: Mapping[str, bytes]) -> set[str]:
    """Which planted value is found in which sink, as "name in sink"; in any case, percent-encoded or in base64 too."""
    found = set()
    for sink, content in sinks.items():
        lowered = content.lower()
        for name, value in planted.items():
            written = {value, quote(value), quote(value, safe=""), value.replace(" ", "+")}
            hits = any(form.lower().encode() in lowered for form in written)
            if hits or base64.b64encode(value.encode()).rstrip(b"=")[:-1] in content:
                found.add(f"{name} in {sink}")
    return found

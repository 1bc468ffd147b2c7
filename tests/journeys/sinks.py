"""Everything that a running product leaves behind, as bytes to search: database, queue, cache, logs, mail."""

import base64
import contextlib
import json
import logging
import logging.config
import re
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core import mail
from django.core.cache.backends.db import DatabaseCache
from django.db import connection
from pypdf import PdfReader

_ADDRESS = re.compile(r"(?:href|src|action|hx-(?:get|post|put|delete))\s*=\s*[\"']([^\"']+)")
_GZIP = b"\x1f\x8b\x08"
_SHORTEST_ENCODED = 8
_FEWEST_DIGITS = 9


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


def cache_in_clear(name: str, value: str) -> None:
    """Something goes round the seal into the store of the cache: a leak on purpose."""
    if settings.REDIS_URL:
        from redis import Redis

        Redis.from_url(settings.REDIS_URL).set(name, value, ex=60)
        return
    DatabaseCache(settings.CACHES["default"]["LOCATION"], {}).set(name, value)


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


def pdf_metadata(content: bytes) -> bytes:
    """What a PDF says of itself beside its pages: title, author, subject, and the embedded packet."""
    reader = PdfReader(BytesIO(content))
    packet = reader.trailer["/Root"].get("/Metadata")
    said = [str(value) for value in (reader.metadata or {}).values()]
    return "\n".join([*said, str(reader.outline)]).encode() + (packet.get_object().get_data() if packet else b"")


def temporary_files() -> bytes:
    """What lies in the folder of temporary files."""
    kept = [path for path in Path(tempfile.gettempdir()).rglob("*") if path.is_file()]
    return b"\n".join(str(path).encode() + b"\n" + path.read_bytes() for path in sorted(kept))


def addresses_in(page: str) -> list[str]:
    """Every address that a page would ask for: they reach histories, logs of proxies and the Referer.

    A number to call and an address to write to are asked of nobody.
    """
    return [found for found in _ADDRESS.findall(page) if not found.startswith(("tel:", "mailto:"))]


def leaks(planted: Mapping[str, str], sinks: Mapping[str, bytes]) -> set[str]:
    """Which planted value is found in which sink, as "name in sink"; in any writing of it, and inside gzip."""
    found = set()
    for sink, content in sinks.items():
        lowered = b"\n".join([content, *_unpacked(content)]).lower()
        for name, value in planted.items():
            if any(form in lowered for form in writings_of(value)):
                found.add(f"{name} in {sink}")
    return found


def writings_of(value: str) -> set[bytes]:
    """The value as it may be written elsewhere, in small letters: encoded, escaped, backwards, or its digits alone."""
    raw = value.encode()
    written = {value, quote(value), quote(value, safe=""), value.replace(" ", "+"), escape(value), value[::-1]}
    written |= {json.dumps(value)[1:-1], raw.hex(), value.encode("utf-16-le").decode("latin-1")}
    # Whatever stands before it, base64 writes it in one of three ways; the ends depend on what is beside it.
    for lead in range(3):
        encoded = base64.b64encode(b"\0" * lead + raw).decode().rstrip("=")
        inner = encoded[-(-lead * 8 // 6) : len(encoded) - 1]
        if len(inner) >= _SHORTEST_ENCODED:
            written |= {inner, inner.replace("+", "-").replace("/", "_")}
    digits = "".join(filter(str.isdigit, value))
    if len(digits) >= _FEWEST_DIGITS:
        written.add(digits)
    return {form.lower().encode("latin-1", "ignore") for form in written}


def _unpacked(content: bytes) -> Iterator[bytes]:
    start = content.find(_GZIP)
    while start >= 0:
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj(wbits=31).decompress(content[start:])
        start = content.find(_GZIP, start + 1)

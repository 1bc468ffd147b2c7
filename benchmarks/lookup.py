"""The design's own limit of P4: the same rows found by the blind index and nothing else, in this run.

The targets were set on another machine, where these took so long as DESIGNED says: the ratio is how this one compares.
"""

from collections.abc import Sequence
from functools import partial
from urllib.parse import urlencode
from uuid import UUID

from django.db import connection

from apps.core.patients.rules.search import NAME, PHONE, WORD, SearchKey
from apps.core.patients.selectors.index import all_tags
from apps.foundation.encryption.rules import normalise_digits, normalise_name
from benchmarks import crowd
from benchmarks.bare import FIND
from benchmarks.figures import Figure, median, milliseconds, percentile
from benchmarks.processes import bare_server, request, send
from benchmarks.timing import timed

DESIGNED = {"name prefix": 0.21, "phone": 0.11, "three tokens": 0.28}
DESIGNED_P50, DESIGNED_P99 = 0.67, 21.7
_NAME = "where the targets were set"
Asked = list[tuple[str, list[int]]]


def limit_figures(practice_id: UUID, everybody: Sequence[crowd.Somebody], workers: int) -> list[Figure]:
    """The lookup alone, and as a view without anything around it, by one client and by eight. On PostgreSQL only."""
    if connection.vendor != "postgresql":
        return []
    some = [everybody[number * crowd.MEMBERS] for number in range(crowd.FAMILIES)]
    figures = []
    for name, keys in _questions(some).items():
        asked = [[(key.kind, all_tags(practice_id, key)) for key in of_one] for of_one in keys]
        times = [timed(partial(_look_up, practice_id, parts)) for parts in asked * 5]
        figures.append(_beside(f"lookup alone, {name}, p50", milliseconds(median(times)), DESIGNED[name]))
    words = [SearchKey(WORD, normalise_name(person.last)) for person in some]
    paths = [
        f"/search/?{urlencode({'practice': practice_id, 'kind': key.kind, 'tag': all_tags(practice_id, key)}, True)}"
        for key in words
    ]
    requests = [request("GET", path) for path in paths * 5]
    with bare_server(workers) as port:
        send(port, requests[:60], clients=8)
        alone, crowded = send(port, requests), send(port, requests * 3, clients=8)
    for result in (alone, crowded):
        if set(result["statuses"]) != {"200"}:
            raise RuntimeError(f"the bare search answered {result['statuses']}")
    return [
        *figures,
        _beside("bare search, p50", milliseconds(median(alone["latencies"])), DESIGNED_P50),
        _beside("bare search, 8 clients, p99", milliseconds(percentile(crowded["latencies"], 0.99)), DESIGNED_P99),
    ]


def _beside(name: str, value: float, designed: float) -> Figure:
    return Figure("P4", name, value, "ms", designed, _NAME)


def _questions(some: Sequence[crowd.Somebody]) -> dict[str, list[list[SearchKey]]]:
    last = [normalise_name(person.last) for person in some]
    first = [normalise_name(person.first) for person in some]
    phones = [SearchKey(PHONE, normalise_digits(person.phone)) for person in some]
    return {
        "name prefix": [[SearchKey(NAME, word[:6])] for word in last],
        "phone": [[phone] for phone in phones],
        "three tokens": [
            [SearchKey(WORD, of_last), SearchKey(WORD, of_first), phone]
            for of_last, of_first, phone in zip(last, first, phones, strict=True)
        ],
    }


def _look_up(practice_id: UUID, parts: Asked) -> None:
    with connection.cursor() as cursor:
        found: set[UUID] | None = None
        for kind, tags in parts:
            cursor.execute(FIND, [practice_id, kind, tags])
            ids = {row[0] for row in cursor.fetchall()}
            found = ids if found is None else found & ids
    if not found:
        raise RuntimeError("the index found nobody")

"""Asking the blind index who holds what was typed. In SQL of our own, because every search goes this way.

Each typed word is asked for its first hits. Where a word has few, only these patients can be the answer, and the other
words are asked about them alone: a search costs what its rarest word costs, not its commonest.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from apps.core.patients.models import ExternalIdentifier, Patient, SearchToken
from apps.core.patients.rules.search import NAME, RECIPES, Match, SearchKey, Term, index_key, is_too_long
from apps.core.patients.selectors.index import all_tags
from apps.core.patients.types import EMR_SYSTEM, IdentifierType, PatientStatus
from apps.foundation.encryption.fields import Sealed
from apps.foundation.encryption.services import index_keys, read_index_keys_again, unseal
from apps.foundation.tenancy.ids import stored_id
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.statements import among, built, columns_of, marks, prepared_cursor
from apps.settings.types import SearchMode

FEW = 100
_FIRST_ROWS = 4 * FEW
"""A patient has up to four tags that answer one word: a whole word, a beginning, and numbers."""
DOUBTFUL = 2
"""Beside a Match: the index knows how the word begins, not how it goes on."""

_TOKENS = SearchToken._meta.db_table
_PATIENTS = Patient._meta.db_table
_IDENTIFIERS = ExternalIdentifier._meta.db_table

_OF_STATUS = {
    None: "deleted_at IS NULL",
    PatientStatus.ACTIVE: "deleted_at IS NULL AND archived_at IS NULL",
    PatientStatus.ARCHIVED: "deleted_at IS NULL AND archived_at IS NOT NULL",
    PatientStatus.DELETED: "FALSE",
}
"""As `visible_patients` and the filter of the list have it."""


@dataclass(frozen=True)
class Select:
    """A SELECT of `patient_id` and `rank`, every patient once."""

    sql: str
    given: tuple[Any, ...]


@dataclass(frozen=True)
class Hits:
    """What the index says. `ranks` has everybody, if they are few; else `select` finds them.

    `unindexed` are rows of the practice that the index cannot speak for, as of the same moment.
    """

    ranks: dict[UUID, int] | None
    terms: Sequence[Term]
    mode: SearchMode
    unindexed: list[UUID]

    @cached_property
    def select(self) -> Select:
        """Everybody who holds every one of the words."""
        return _all_of([_holders(term, self.mode) for term in self.terms])

    def ranked(self, *ranks: int) -> Q:
        """The patients with these ranks, as the database finds them."""
        wanted = ", ".join(str(rank) for rank in ranks)
        sql = f"SELECT patient_id FROM ({self.select.sql}) AS hits WHERE rank IN ({wanted})"  # noqa: S608
        return Q(id__in=RawSQL(sql, self.select.given))  # noqa: S611

    def doubtful(self) -> list[UUID]:
        """Those who must be opened because a typed word is longer than what the index knows."""
        if self.ranks is not None:
            return [row_id for row_id, rank in self.ranks.items() if rank == DOUBTFUL]
        sql = f"SELECT patient_id, rank FROM ({self.select.sql}) AS hits WHERE rank = {DOUBTFUL}"  # noqa: S608
        return [row_id for row_id, _ in _run(Select(sql, self.select.given))]


def ask_index(terms: Sequence[Term], mode: SearchMode) -> Hits:
    """Who holds every one of the words, by the index of a practice of this mode."""
    practice_id = current_practice_id()
    firsts = [_first_hits(number, term, mode) for number, term in enumerate(terms)]
    found: list[list[tuple[UUID, int]]] = [[] for _ in terms]
    unindexed: dict[UUID, int] = {}
    for number, row_id, rank in _run_numbered(_union([*firsts, _unindexed(mode)])):
        if number < 0:
            unindexed[row_id] = rank
        else:
            found[number].append((row_id, rank))
    strange = set(unindexed.values()) - {0, *index_keys(practice_id)}
    if strange and read_index_keys_again(practice_id):
        return ask_index(terms, mode)
    return Hits(_few(terms, mode, found), terms, mode, list(unindexed))


def rows_by_id(row_ids: Collection[UUID], *, status: PatientStatus | None) -> list[Patient]:
    """Those of these patients of the practice in scope that have the status, or any but deleted; in no order.

    As Django's own query would find them, without the cost of writing that query anew for every search.
    """
    these, given = among("id", row_ids)
    sql = (
        f"SELECT {columns_of(Patient)} FROM {_PATIENTS} "  # noqa: S608
        f"WHERE practice_id = %s AND {_OF_STATUS[status]} AND {these}"
    )
    return [built(Patient, row) for row in _fetched(Select(sql, (stored_id(current_practice_id()), *given)))]


def external_ids(row_ids: Collection[UUID]) -> dict[UUID, str]:
    """The `external_id` of each of these patients that has one (C-44), in one query. Whoever shows them records it."""
    if not row_ids:
        return {}
    practice_id = current_practice_id()
    these, given = among("patient_id", row_ids)
    sql = (
        f"SELECT patient_id, id, value FROM {_IDENTIFIERS} "  # noqa: S608
        f"WHERE practice_id = %s AND is_primary AND system = %s AND type = %s AND {these}"
    )
    found = _fetched(Select(sql, (stored_id(practice_id), EMR_SYSTEM, IdentifierType.PATIENT_ID.value, *given)))
    return {
        _read(patient_id): unseal(
            ExternalIdentifier, "value", Sealed(token), practice_id=practice_id, row_id=_read(row_id)
        )
        for patient_id, row_id, token in found
    }


def _first_hits(number: int, term: Term, mode: SearchMode) -> Select:
    """The first hits of a word, a patient perhaps more than once: nothing is grouped, so the database stops early."""
    ways = _ways(term, mode, None)
    hits = ways[0] if len(ways) == 1 else _union([_grouped([way]) for way in ways])
    limited = f"SELECT {number}, hit.* FROM ({hits.sql}) AS hit LIMIT {_FIRST_ROWS + 1}"  # noqa: S608
    return Select(f"SELECT * FROM ({limited}) AS first{number}", hits.given)  # noqa: S608


def _few(terms: Sequence[Term], mode: SearchMode, found: Sequence[list[tuple[UUID, int]]]) -> dict[UUID, int] | None:
    """The ranks of those who hold every word, if one of the words has few holders."""
    complete = [_best(hits) for hits in found if len(hits) <= _FIRST_ROWS]
    if not complete:
        return None
    left = set.intersection(*(set(holders) for holders in complete))
    for number, term in enumerate(terms):
        if not left:
            return {}
        if len(found[number]) > _FIRST_ROWS:
            asked = dict(_run(_holders(term, mode, left)))
            complete.append(asked)
            left &= asked.keys()
    return {row_id: max(holders[row_id] for holders in complete) for row_id in left}


def _best(hits: Sequence[tuple[UUID, int]]) -> dict[UUID, int]:
    best: dict[UUID, int] = {}
    for row_id, rank in hits:
        best[row_id] = min(rank, best.get(row_id, rank))
    return best


def _holders(term: Term, mode: SearchMode, patients: Collection[UUID] | None = None) -> Select:
    """The patients who hold one typed word, each once, and how well; of the given ones, or of all."""
    return _grouped(_ways(term, mode, patients))


def _ways(term: Term, mode: SearchMode, patients: Collection[UUID] | None) -> list[Select]:
    """The ways in which a word can be held: as it is; or, if it has parts, by all of its parts."""
    long = is_too_long(term)
    single = [parts[0] for parts in term.names if len(parts) == 1]
    ways = [_scan([*_keys_of(single, mode), *term.codes], long, patients)] if single or term.codes else []
    for parts in term.names:
        if len(parts) > 1:
            ways.append(_all_of([_grouped([_scan(_keys_of([part], mode), long, patients)]) for part in parts]))
    return ways


def _keys_of(words: Sequence[str], mode: SearchMode) -> list[SearchKey]:
    """A word is looked for whole and, unless whole words are asked for, as a beginning."""
    begins = [index_key(word, whole=False) for word in words] if mode is not SearchMode.EXACT else []
    return list(dict.fromkeys([*(index_key(word, whole=True) for word in words), *begins]))


def _scan(keys: Sequence[SearchKey], long: bool, patients: Collection[UUID] | None) -> Select:
    """The hits of any of these keys. Among given patients by way of the patients, not of a word that thousands have."""
    practice_id = current_practice_id()
    asked = [(key.kind, tag) for key in keys for tag in all_tags(practice_id, key)]
    beginning = DOUBTFUL if long else Match.BEGINNING.value
    rank = f"CASE token.kind WHEN '{NAME}' THEN {beginning} ELSE {Match.WHOLE.value} END AS rank"
    hits = f"SELECT patient_id, {rank} FROM {_TOKENS} AS token"  # noqa: S608
    practice = stored_id(practice_id)
    if patients is None and connection.vendor == "postgresql":
        # Each tag under its own kind: with two lists the index would be asked for every kind's every tag.
        pairs = "JOIN unnest(%s::text[], %s::bigint[]) AS asked(kind, tag) ON token.kind = asked.kind"
        sql = f"{hits} {pairs} AND token.tag = asked.tag WHERE practice_id = %s"
        return Select(sql, ([kind for kind, _ in asked], [tag for _, tag in asked], practice))
    kinds, tags = sorted({kind for kind, _ in asked}), [tag for _, tag in asked]
    if patients is None:
        sql = f"{hits} WHERE practice_id = %s AND kind IN ({marks(kinds)}) AND tag IN ({marks(tags)})"
        return Select(sql, (practice, *kinds, *tags))
    these, given = among("patient_id", patients)
    if connection.vendor == "postgresql":
        # Arrays: neither how many there are nor how large they are makes another statement to plan.
        sql = f"{hits} WHERE practice_id = %s AND kind = ANY(%s) AND (tag + 0) = ANY(%s::bigint[]) AND {these}"
        return Select(sql, (practice, kinds, tags, *given))
    sql = f"{hits} WHERE practice_id = %s AND kind IN ({marks(kinds)}) AND (tag + 0) IN ({marks(tags)}) AND {these}"
    return Select(sql, (practice, *kinds, *tags, *given))


def _grouped(ways: Sequence[Select]) -> Select:
    """Whoever is among any of these hits, each once, with the best rank."""
    return _by_patient(ways, "MIN(rank)")


def _all_of(selects: Sequence[Select]) -> Select:
    """Whoever is in all of these, each once, with the worst rank."""
    return _by_patient(selects, "MAX(rank)", f" HAVING COUNT(*) = {len(selects)}")


def _by_patient(selects: Sequence[Select], rank: str, having: str = "") -> Select:
    united = _union(selects)
    sql = f"SELECT patient_id, {rank} AS rank FROM ({united.sql}) AS united GROUP BY patient_id{having}"  # noqa: S608
    return Select(sql, united.given)


def _union(selects: Sequence[Select]) -> Select:
    return Select(
        " UNION ALL ".join(select.sql for select in selects), tuple(one for select in selects for one in select.given)
    )


def _unindexed(mode: SearchMode) -> Select:
    """As `indexed_otherwise` says it to Django; with each row the number of its key, 0 where it has none.

    A range of the index each, so that either database finds at once that there are none.
    """
    practice_id, recipe, keys = stored_id(current_practice_id()), RECIPES[mode], index_keys(current_practice_id())
    ranges: list[tuple[str, tuple[Any, ...]]] = [
        ("index_recipe IS NULL", ()),
        ("index_recipe < %s", (recipe,)),
        ("index_recipe > %s", (recipe,)),
        ("index_recipe = %s AND index_key < %s", (recipe, min(keys))),
        ("index_recipe = %s AND index_key > %s", (recipe, max(keys))),
    ]
    # SQLite believes that a row without a recipe is as common as one with it, and would read them all
    source = f"{_PATIENTS} INDEXED BY patient_by_index_recipe" if connection.vendor == "sqlite" else _PATIENTS
    rows = f"SELECT -1, id, COALESCE(index_key, 0) FROM {source} WHERE practice_id = %s"  # noqa: S608
    return _union([Select(f"{rows} AND {condition}", (practice_id, *given)) for condition, given in ranges])


def _read(stored: Any) -> UUID:
    return stored if isinstance(stored, UUID) else UUID(stored)


def _run(select: Select) -> list[tuple[UUID, int]]:
    numbered = Select(f"SELECT 0, hit.* FROM ({select.sql}) AS hit", select.given)  # noqa: S608
    return [(row_id, rank) for _, row_id, rank in _run_numbered(numbered)]


def _run_numbered(select: Select) -> list[tuple[int, UUID, int]]:
    rows = _fetched(select)
    if connection.features.has_native_uuid_field:
        return rows
    return [(number, _read(row_id), rank) for number, row_id, rank in rows]


def _fetched(select: Select) -> list[tuple[Any, ...]]:
    with prepared_cursor() as cursor:
        cursor.execute(select.sql, select.given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows

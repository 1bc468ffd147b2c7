"""The blind index: under which tags it holds a key, which rows it cannot speak for, and how such rows are asked."""

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

import structlog
from django.db.models import Q, QuerySet

from apps.core.patients.models import ExternalIdentifier, Patient
from apps.core.patients.rules.search import (
    BITS,
    PARTITIONS,
    RECIPES,
    SPREAD,
    TOKEN_VERSION,
    Match,
    SearchKey,
    Term,
    match_of,
)
from apps.core.patients.types import IdentifierType
from apps.foundation.encryption.services import blind_indexes, index_keys
from apps.foundation.encryption.types import EncryptionError
from apps.foundation.tenancy.services import current_practice_id
from apps.settings.types import SearchMode

_log = structlog.get_logger("search")
_SEARCHED_COLUMNS = ("id", "practice_id", "first_name", "last_name", "mrn", "phone", "email")
_OPENED_AT_ONCE = 1_000
_SSN = IdentifierType.SOCIAL_SECURITY.value


def token_tags(practice_id: UUID, key: SearchKey, partition: int) -> tuple[int, ...]:
    """The tags of a key in the index, under every live index key, the primary first. Only names have partitions."""
    name = f"patients.search.{key.kind}.{TOKEN_VERSION}"
    if key.kind in SPREAD:
        name = f"{name}.{partition}"
    return blind_indexes(practice_id, name, key.text, bits=BITS[key.kind])


def all_tags(practice_id: UUID, key: SearchKey) -> list[int]:
    """The tags of a key in every partition."""
    partitions = range(PARTITIONS) if key.kind in SPREAD else (0,)
    return [tag for partition in partitions for tag in token_tags(practice_id, key, partition)]


def partition_of(patient_id: UUID) -> int:
    """The partition in which a patient's name tokens stand."""
    return patient_id.int % PARTITIONS


def indexed_otherwise(mode: SearchMode) -> Q:
    """The rows for which the index of this mode cannot speak: made by another recipe, or under a key unknown here.

    Ranges, so that one index finds that there are none.
    """
    recipe, keys = RECIPES[mode], index_keys(current_practice_id())
    return (
        Q(index_recipe__isnull=True)
        | Q(index_recipe__lt=recipe)
        | Q(index_recipe__gt=recipe)
        | Q(index_recipe=recipe, index_key__lt=min(keys))
        | Q(index_recipe=recipe, index_key__gt=max(keys))
    )


def open_matches(
    rows: QuerySet[Patient], ids: Sequence[UUID], terms: Collection[Term], mode: SearchMode
) -> Iterator[tuple[UUID, Match]]:
    """Of those of the rows that have these ids, the ones that answer, and how well: by opening every one of them.

    One that does not open is left out, and logged by its id.
    """
    for start in range(0, len(ids), _OPENED_AT_ONCE):
        some = list(rows.order_by().filter(id__in=ids[start : start + _OPENED_AT_ONCE]).only(*_SEARCHED_COLUMNS))
        numbers = identifier_values([row.id for row in some])
        for row in some:
            try:
                match = match_of(terms, row, numbers.get(row.id, ()), mode)
            except EncryptionError as error:
                _log.error("patient_not_searched", patient=str(row.id), error=type(error).__name__)
                continue
            if match is not Match.NONE:
                yield row.id, match


def identifier_values(patient_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """The numbers of these patients in other systems, opened; social security numbers find nobody (C-41)."""
    found: dict[UUID, list[str]] = {}
    for row in ExternalIdentifier.objects.filter(patient_id__in=patient_ids).exclude(type=_SSN):
        found.setdefault(row.patient_id, []).append(row.value)
    return found

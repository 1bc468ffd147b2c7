"""Bringing the index after what the practice wants: another mode, another key, a newer recipe.

Until a row's turn comes, searches find it by its old key or by opening it, so nobody has to wait for this.
"""

import time
from collections.abc import Collection, Sequence
from uuid import UUID

import structlog
from django.db import OperationalError
from django.db.models import Q, QuerySet

from apps.authentication.types import Permission
from apps.core.patients.models import Patient
from apps.core.patients.rules.search import RECIPES
from apps.core.patients.selectors.index import indexed_otherwise
from apps.core.patients.services.index import index_patients
from apps.foundation.audit import services as audit
from apps.foundation.encryption.services import index_keys, read_index_keys_again, retire_index_key
from apps.foundation.tenancy.selectors import list_practices
from apps.foundation.tenancy.services import current_practice_id, scope
from apps.foundation.tenancy.types import Actor
from apps.settings.selectors import get_search_mode

_log = structlog.get_logger("search")
_AT_ONCE = 100
"""So many rows are held and written together; others who want to change one of them wait about a tenth of a second."""


def reindex_due(*, limit: int = 10 * _AT_ONCE) -> int:
    """Up to `limit` rows that are indexed otherwise than their practice wants are indexed anew; how many were tried.

    One that cannot be read holds up nobody: it is logged by its id and found again by the next sweep. After every batch
    it rests as long as that took: a database with one writer would let nobody else in.
    """
    tried = 0
    for practice in list_practices():
        with scope(practice.id):
            unread: set[UUID] = set()
            while tried < limit and (ids := _due(without=unread)):
                begun = time.monotonic()
                unread |= _reindex(practice.id, ids)
                tried += len(ids)
                time.sleep(time.monotonic() - begun)
    return tried


def retire_index_keys(*, by: Actor) -> tuple[int, ...]:
    """The practice's older index keys under which no row stands any more are gone for good; their numbers."""
    by.require(Permission.PRACTICE_CONFIGURE)
    practice_id = current_practice_id()
    read_index_keys_again(practice_id)
    _, *older = index_keys(practice_id)
    retired = tuple(number for number in older if not _standing_under(number).exists())
    for number in retired:
        retire_index_key(practice_id, number)
        detail = {"key_number": number}
        audit.record_event("practice.index_key_retire", subject=("practice", practice_id), detail=detail, by=by)
    return retired


def count_behind_index_key() -> tuple[int, int]:
    """The patients of the practice in scope, and how many of them stand under another index key than the primary."""
    primary = index_keys(current_practice_id())[0]
    rows: QuerySet[Patient] = Patient.objects.all()
    behind = rows.filter(Q(index_key__isnull=True) | Q(index_key__lt=primary) | Q(index_key__gt=primary))
    return rows.count(), behind.count()


def _due(without: Collection[UUID]) -> list[UUID]:
    mode = get_search_mode()
    recipe, primary = RECIPES[mode], index_keys(current_practice_id())[0]
    older_key = Q(index_recipe=recipe, index_key__lt=primary) | Q(index_recipe=recipe, index_key__gt=primary)
    rows = Patient.objects.filter(indexed_otherwise(mode) | older_key).exclude(id__in=without)
    return list(rows.order_by("id").values_list("id", flat=True)[:_AT_ONCE])


def _standing_under(number: int) -> QuerySet[Patient]:
    """The rows whose tags are this key's, deleted ones too. A row without a mark was written under the first one."""
    rows: QuerySet[Patient] = Patient.objects.filter(Q(index_key=number) | Q(index_key__isnull=True))
    return rows


def _reindex(practice_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """These rows are indexed as the practice wants. Returns those that could not be read."""
    try:
        with audit.batch("patient.reindex", by=Actor.system("index-sweep", practice_id)):
            index_patients(list(Patient.objects.select_for_update().filter(id__in=ids).order_by("id")))
    except OperationalError:
        raise
    except Exception as error:
        if len(ids) > 1:
            return {row_id for one in ids for row_id in _reindex(practice_id, [one])}
        _log.error("patient_not_indexed", patient=str(ids[0]), error=type(error).__name__)
        return set(ids)
    return set()

"""What time and other people's changes do to the scores: found by looking, in small sets, practice by practice.

One patient whose rows can't be read holds up nobody: where a set fails, its patients are taken one by one.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import OperationalError
from django.db.models import F

from apps.core.patients import selectors as patients
from apps.core.triage.models import TriageState
from apps.core.triage.services.assessment import reassess_patients
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.selectors import list_practices
from apps.foundation.tenancy.services import platform_scope, scope
from apps.foundation.tenancy.types import Actor

_log = structlog.get_logger("triage")

_AT_ONCE = 200
REST_AFTER_FAILURE = timedelta(hours=1)
"""How long the sweeps leave a patient alone whose rows they could not read."""


def reassess_due(*, now: datetime, limit: int = _AT_ONCE) -> int:
    """Scores that time alone may have changed are computed again.

    Returns how many patients were looked at. Two sweeps at once are harmless: each patient's row is locked.
    """
    with platform_scope():
        rows = list(
            TriageState.objects.filter(next_rescore_at__lte=now)
            .order_by("next_rescore_at")
            .values_list("practice_id", "id")[:limit]
        )
    for practice_id, ids in _by_practice(rows).items():
        for patient_id in _reassess(practice_id, ids, "triage.reassess", now=now, cause="time"):
            _let_rest(practice_id, patient_id, now)
    return len(rows)


def reassess_changed(*, now: datetime, limit: int = _AT_ONCE) -> int:
    """Active patients whose record has changed since their last result have one that follows it, on every open board.

    Returns how many patients were looked at.
    """
    with platform_scope():
        found = list(
            TriageState.objects.exclude(patient_version=F("patient__version"))
            .filter(patient__active=True, patient__archived_at__isnull=True, patient__deleted_at__isnull=True)
            .values_list("practice_id", "id", "patient__version")[:limit]
        )
    versions = {patient_id: version for _, patient_id, version in found}
    for practice_id, ids in _by_practice([row[:2] for row in found]).items():
        for patient_id in _reassess(practice_id, ids, "triage.follow", now=now, cause="change"):
            _let_rest(practice_id, patient_id, now, version=versions[patient_id])
    return len(found)


def begin_triage(*, now: datetime) -> int:
    """Every monitored patient has a first result, also those who never sent a reading. Returns how many were new."""
    begun = 0
    for practice in list_practices():
        with scope(practice.id):
            known = set(TriageState.objects.values_list("id", flat=True))
            new = [row_id for row_id in patients.active_patient_ids() if row_id not in known]
        for start in range(0, len(new), _AT_ONCE):
            _reassess(practice.id, new[start : start + _AT_ONCE], "triage.begin", now=now, cause="time")
        begun += len(new)
    return begun


def _reassess(practice_id: UUID, ids: Sequence[UUID], action: str, *, now: datetime, cause: str) -> list[UUID]:
    """These patients have results for now. Returns those who could not be read, each logged by id and kind of error.

    What the database itself refuses (locked, away) is nobody's fault and is raised: the next sweep tries again.
    """
    by = Actor.system("triage-sweep", practice_id)

    def assess(chosen: Sequence[UUID]) -> None:
        with scope(practice_id), audit.batch(action, by=by):
            reassess_patients(chosen, by=by, now=now, cause=cause)

    if _error_of(assess, ids) is None:
        return []
    unread = []
    for patient_id in ids:
        error = _error_of(assess, [patient_id])
        if error is not None:
            _log.error("patient_not_assessed", patient=str(patient_id), error=type(error).__name__)
            unread.append(patient_id)
    return unread


def _error_of(assess: Callable[[Sequence[UUID]], None], ids: Sequence[UUID]) -> Exception | None:
    try:
        assess(ids)
    except OperationalError:
        raise
    except Exception as error:
        return error
    return None


def _let_rest(practice_id: UUID, patient_id: UUID, now: datetime, **columns: int) -> None:
    """The sweeps come back to the patient in an hour; to a changed record only then, too."""
    seen = {"patient_version": columns["version"]} if columns else {}
    by = Actor.system("triage-sweep", practice_id)
    with scope(practice_id), audit.batch("triage.unreadable", by=by):
        TriageState.objects.filter(id=patient_id).update(next_rescore_at=now + REST_AFTER_FAILURE, **seen)


def _by_practice(rows: Sequence[tuple[UUID, UUID]]) -> Mapping[UUID, list[UUID]]:
    grouped: dict[UUID, list[UUID]] = {}
    for practice_id, patient_id in rows:
        grouped.setdefault(practice_id, []).append(patient_id)
    return grouped

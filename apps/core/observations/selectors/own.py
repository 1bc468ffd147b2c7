"""The readings of whoever asks: a patient reading about themselves. No id is taken, so there is none to change."""

from datetime import datetime
from uuid import UUID

from apps.core.observations.models import Observation
from apps.core.observations.selectors.values import CHARTED, line_of
from apps.core.observations.types import ObservationLine, ReadingKind
from apps.core.patients.selectors import own_patient_id
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor

HISTORY_ROWS = 400


def own_latest(by: Actor) -> tuple[ObservationLine, ...]:
    """The newest reading of each kind that counts, kinds without one left out. One query a kind; recorded."""
    patient_id = own_patient_id(by)
    found = [_newest(patient_id, kind) for kind in ReadingKind]
    _record(patient_id, by)
    return tuple(line_of(row) for row in found if row is not None)


def own_history(kind: ReadingKind, *, since: datetime, by: Actor) -> tuple[ObservationLine, ...]:
    """The readings of one kind that count, newest first, 400 at most; recorded."""
    patient_id = own_patient_id(by)
    rows = Observation.objects.filter(
        patient_id=patient_id, kind=kind.value, effective_at__gte=since, status__in=CHARTED
    )
    lines = tuple(line_of(row) for row in rows.order_by("-effective_at", "-id")[:HISTORY_ROWS])
    _record(patient_id, by)
    return lines


def _newest(patient_id: UUID, kind: ReadingKind) -> Observation | None:
    rows = Observation.objects.filter(patient_id=patient_id, kind=kind.value, status__in=CHARTED)
    row: Observation | None = rows.order_by("-effective_at", "-id").first()
    return row


def _record(patient_id: UUID, by: Actor) -> None:
    audit.record_disclosure("portal.readings", subjects=[("patient", patient_id)], by=by)

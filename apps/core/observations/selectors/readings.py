"""The readings that a person sees: series for charts and lines for lists. Each is recorded as a disclosure."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from apps.core.observations.models import Observation
from apps.core.observations.rules.codes import DISPLAY_UNIT
from apps.core.observations.selectors.values import CHARTED, line_of, shown_in
from apps.core.observations.types import ObservationLine, ObservationSeries, ObservationStatus, ReadingKind, SeriesPoint
from apps.foundation.audit import services as audit
from apps.foundation.encryption.services import unseal
from apps.foundation.tenancy.types import Actor

_KINDS = {kind.value: kind for kind in ReadingKind}
_STATUSES = {status.value: status for status in ObservationStatus}
_SERIES_COLUMNS = ("id", "practice_id", "kind", "status", "effective_at", "components")


def observation_series(
    patient_id: UUID, since: datetime, by: Actor, *, until: datetime | None = None, charted: bool = True
) -> tuple[ObservationSeries, ...]:
    """The readings of a patient since a moment, one series a kind, oldest first. Recorded as a disclosure.

    Those that count; with `charted` false also near-duplicates, control solutions and what was entered in error.
    """
    by.require("observation.read")
    rows = Observation.objects.filter(patient_id=patient_id, effective_at__gte=since)
    if charted:
        rows = rows.filter(status__in=CHARTED)
    if until is not None:
        rows = rows.filter(effective_at__lt=until)
    points: dict[ReadingKind, list[SeriesPoint]] = {kind: [] for kind in ReadingKind}
    for row_id, practice_id, kind, status, effective_at, sealed in rows.order_by("effective_at", "id").values_list(
        *_SERIES_COLUMNS
    ):
        opened = unseal(Observation, "components", sealed, practice_id=practice_id, row_id=row_id)
        shown, outside, original = shown_in(opened)
        point = SeriesPoint(
            row_id,
            effective_at,
            shown,
            outside,
            tuple(opened["flags"]),
            original,
            _STATUSES[status],
            opened["meal"],
        )
        points[_KINDS[kind]].append(point)
    audit.record_disclosure("observation.series", subjects=[("patient", patient_id)], by=by)
    return tuple(ObservationSeries(kind, DISPLAY_UNIT[kind], tuple(found)) for kind, found in points.items() if found)


def recent_readings(
    patient_id: UUID, by: Actor, *, limit: int = 50, offset: int = 0, until: datetime | None = None
) -> tuple[ObservationLine, ...]:
    """The newest readings of a patient, near-duplicates and corrections among them. Recorded as a disclosure.

    With `until` only those measured at that moment or before.
    """
    by.require("observation.read")
    found = Observation.objects.filter(patient_id=patient_id)
    if until is not None:
        found = found.filter(effective_at__lte=until)
    rows = found.order_by("-effective_at", "-id")[offset : offset + limit]
    lines = tuple(line_of(row) for row in rows)
    audit.record_disclosure("observation.list", subjects=[("patient", patient_id)], by=by)
    return lines


def readings_behind(patient_id: UUID, ids: Iterable[UUID], by: Actor) -> tuple[ObservationLine, ...]:
    """The named readings of a patient, oldest first: what a line of the score stands on. Recorded as a disclosure."""
    by.require("observation.read")
    rows = Observation.objects.filter(patient_id=patient_id, id__in=list(ids)).order_by("effective_at", "id")
    lines = tuple(line_of(row) for row in rows)
    audit.record_disclosure("observation.list", subjects=[("patient", patient_id)], by=by)
    return lines

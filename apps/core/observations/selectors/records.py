"""Observations for other apps' rules: histories, what a delivery became, the days they count for. Not shown."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from apps.core.observations.models import Observation
from apps.core.observations.selectors.values import CHARTED, RECORDED_COLUMNS, recorded
from apps.core.observations.types import ObservationStatus, RecordedObservation


def observations_of(patient_ids: Iterable[UUID], since: datetime) -> dict[UUID, list[RecordedObservation]]:
    """The charted observations of each patient since a moment, oldest first, in one query. For other apps' rules."""
    rows = Observation.objects.filter(patient_id__in=list(patient_ids), effective_at__gte=since, status__in=CHARTED)
    found: dict[UUID, list[RecordedObservation]] = {}
    for columns in rows.order_by("effective_at", "id").values_list(*RECORDED_COLUMNS):
        observation = recorded(dict(zip(RECORDED_COLUMNS, columns, strict=True)))
        found.setdefault(observation.patient_id, []).append(observation)
    return found


def observations_of_readings(reading_ids: Sequence[str]) -> list[RecordedObservation]:
    """The charted observations that came of these readings, in one query: what an interrupted journey goes on with."""
    rows = Observation.objects.filter(reading_id__in=list(reading_ids), status__in=CHARTED)
    ordered = rows.order_by("effective_at", "id").values_list(*RECORDED_COLUMNS)
    return [recorded(dict(zip(RECORDED_COLUMNS, columns, strict=True))) for columns in ordered]


def repeats_of_readings(reading_ids: Sequence[str]) -> list[UUID]:
    """Near-duplicates right after these readings, of the same device and kind: what interrupted work takes back."""
    places = list(
        Observation.objects.filter(reading_id__in=list(reading_ids), device_id__isnull=False).values_list(
            "device_id", "kind", "effective_minute"
        )
    )
    beside = {(device_id, kind, minute + step) for device_id, kind, minute in places for step in (0, 1)}
    rows = Observation.objects.filter(
        device_id__in={place[0] for place in beside},
        effective_minute__in={place[2] for place in beside},
        status=ObservationStatus.NEAR_DUPLICATE.value,
    ).exclude(reading_id__in=list(reading_ids))
    found = rows.values_list("id", "device_id", "kind", "effective_minute")
    return [row_id for row_id, *place in found if tuple(place) in beside]


def days_of_observations(ids: Iterable[UUID]) -> set[tuple[UUID, date]]:
    """The patients and their local dates on which these were measured."""
    return set(Observation.objects.filter(id__in=list(ids)).values_list("patient_id", "local_date"))


def first_device_readings(days: Collection[tuple[UUID, date]]) -> dict[tuple[UUID, date], UUID]:
    """The earliest charted device reading of each patient's local date; a date without one is missing."""
    rows = Observation.objects.filter(
        patient_id__in={patient_id for patient_id, _day in days},
        local_date__in={day for _patient, day in days},
        device_id__isnull=False,
        status__in=CHARTED,
    )
    found: dict[tuple[UUID, date], UUID] = {}
    for row_id, patient_id, day in rows.order_by("effective_at", "id").values_list("id", "patient_id", "local_date"):
        if (patient_id, day) in days:
            found.setdefault((patient_id, day), row_id)
    return found

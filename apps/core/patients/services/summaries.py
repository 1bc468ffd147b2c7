"""Summary columns that triage and ingestion write downwards, a whole batch in one statement each."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models

from apps.core.patients.models import Device, DeviceAssignment, Patient
from apps.core.patients.rules.periods import newest_by_id
from apps.core.patients.types import TriageSummary
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor
from apps.foundation.tenancy.writes import recorder_for

_ROWS_PER_STATEMENT = 500


def lock_patients(ids: Collection[UUID]) -> None:
    """Nobody else records for these patients before the caller's transaction ends; who waited sees what was written.

    Rows are taken in the order of their ids, so that two callers never wait for each other. SQLite has one writer.
    """
    rows = Patient.objects.select_for_update(no_key=True).filter(id__in=sorted(set(ids))).order_by("id")
    if ids and connection.features.has_select_for_update:
        list(rows.values_list("id"))


def record_triage_summaries(summaries: Sequence[TriageSummary], *, by: Actor) -> None:
    """The patients' rows repeat what triage found. Inside the caller's audit.change or audit.batch."""
    rows = [
        (
            summary.patient_id,
            summary.risk_score,
            str(summary.risk_level),
            summary.open_alerts,
            summary.unacknowledged_alerts,
            summary.worst_severity,
            summary.stale,
            summary.last_reading_at,
        )
        for summary in {summary.patient_id: summary for summary in summaries}.values()
    ]
    columns = (
        "risk_score",
        "risk_level",
        "open_alerts",
        "unacknowledged_alerts",
        "worst_severity",
        "is_stale",
        "last_reading_at",
    )
    _update_rows(Patient, columns, rows)


def record_transmissions(transmissions: Sequence[tuple[UUID, datetime]], *, by: Actor) -> None:
    """Each patient's last transmission is at least as late as the given moment. Inside the caller's audited change."""
    newest = newest_by_id(transmissions)
    _update_rows(Patient, ("last_transmission_at",), list(newest.items()), newer_by="last_transmission_at")


def record_device_contacts(contacts: Sequence[tuple[UUID, datetime, int | None]], *, by: Actor) -> None:
    """Each device was seen at least as late as said, with the battery (percent) of its newest report that named one."""
    seen = newest_by_id((device_id, at) for device_id, at, _ in contacts)
    ordered = sorted(contacts, key=lambda contact: contact[1])
    batteries = {device_id: level for device_id, _, level in ordered if level is not None}
    rows = [(device_id, batteries.get(device_id), at) for device_id, at in seen.items()]
    _update_rows(Device, ("battery_pct", "last_seen_at"), rows, newer_by="last_seen_at", kept="battery_pct")


def record_first_readings(readings: Sequence[tuple[UUID, datetime]], *, by: Actor) -> None:
    """Each assignment of a device knows when its first reading was measured; those that knew it keep it.

    Inside the caller's audited change.
    """
    first: dict[UUID, datetime] = {}
    for assignment_id, measured_at in readings:
        first[assignment_id] = min(measured_at, first.get(assignment_id, measured_at))
    _update_rows(DeviceAssignment, ("first_reading_at",), list(first.items()), only_empty="first_reading_at")


def _update_rows(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    *,
    newer_by: str = "",
    kept: str = "",
    only_empty: str = "",
) -> None:
    """One UPDATE for up to 500 rows; each row is an id and the values of `columns`.

    Django's own bulk_update builds a CASE per value and costs ten times as much. The last column may be the moment
    that `newer_by` names: a row that knows a later one is then left alone. A column of `kept` ignores a given None.
    Rows that hold something in the column of `only_empty` are left alone.
    """
    if not rows:
        return
    recorder = recorder_for(model._meta.label)
    practice_id = current_practice_id()
    fields: list[Any] = [model._meta.get_field(name) for name in ("id", *columns)]
    of_practice: Any = model._meta.get_field("practice")
    for start in range(0, len(rows), _ROWS_PER_STATEMENT):
        chunk = rows[start : start + _ROWS_PER_STATEMENT]
        statement = _statement(model, fields, len(chunk), newer_by, kept, only_empty)
        given = [
            field.get_db_prep_save(value, connection) for row in chunk for field, value in zip(fields, row, strict=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute(statement, [*given, of_practice.get_db_prep_save(practice_id, connection)])
    recorder.wrote(model._meta.label, "update", len(rows))


def _statement(
    model: type[models.Model], fields: Sequence[Any], count: int, newer_by: str, kept: str, only_empty: str
) -> str:
    table = connection.ops.quote_name(model._meta.db_table)
    given = [_typed(field, number) for number, field in enumerate(fields, start=1)]
    assignments = ", ".join(
        f"{field.column} = COALESCE({value}, {table}.{field.column})"
        if field.column == kept
        else f"{field.column} = {value}"
        for field, value in list(zip(fields, given, strict=True))[1:]
    )
    row = "(" + ", ".join(["%s"] * len(fields)) + ")"
    values = ", ".join([row] * count)
    condition = f" AND ({table}.{newer_by} IS NULL OR {table}.{newer_by} < {given[-1]})" if newer_by else ""
    condition += f" AND {table}.{only_empty} IS NULL" if only_empty else ""
    return (
        f"UPDATE {table} SET {assignments} FROM (VALUES {values}) AS given "  # noqa: S608
        f"WHERE {table}.id = {given[0]} AND {table}.practice_id = %s{condition}"
    )


def _typed(field: Any, number: int) -> str:
    """A column of VALUES; PostgreSQL must be told its type, SQLite stores what it is given."""
    column = f"given.column{number}"
    if connection.vendor != "postgresql":
        return column
    return f"CAST({column} AS {field.db_type(connection)})"

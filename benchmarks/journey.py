"""P2: how many readings a second one worker takes through the whole journey, beside rows inserted by the hundred."""

import time
import uuid
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.ingestion.services import process_due_transmissions
from benchmarks import limit_table
from benchmarks.figures import Figure
from benchmarks.population import Clinic, delivery, drain, fill_inbox, reading

READINGS = 2_000
ROWS = 20_000
ROWS_A_TRANSACTION = 100
SHARE_OF_LIMIT = 0.02
BATCHES = (1, 10, 50)


def deliveries(clinic: Clinic, count: int, *, begin: datetime) -> list[bytes]:
    """One reading each, spread over the patients, each five minutes after the one before it on the same device."""
    found = []
    for number in range(count):
        round_, patient = divmod(number, len(clinic.serials))
        measured_at = begin + timedelta(minutes=5 * round_)
        found.append(
            delivery(
                [reading("blood_pressure", clinic.serials[patient]["blood_pressure"], number + round_, measured_at)]
            )
        )
    return found


def measure(clinic: Clinic) -> list[Figure]:
    limit = rows_a_second()
    begin = datetime.now(UTC) - timedelta(days=20)
    drain()
    figures = [queries_a_reading(clinic, size, begin + timedelta(days=number)) for number, size in enumerate(BATCHES)]
    fill_inbox(deliveries(clinic, READINGS, begin=begin + timedelta(days=5)))
    begun = time.perf_counter()
    drain()
    rate = READINGS / (time.perf_counter() - begun)
    return [
        Figure("P2", "whole journey, one worker", rate, "readings/s", limit, "rows/s, 100 a transaction",
               f"≥ {SHARE_OF_LIMIT} of the limit", rate >= SHARE_OF_LIMIT * limit),
        *figures,
    ]  # fmt: skip


def queries_a_reading(clinic: Clinic, size: int, begin: datetime) -> Figure:
    fill_inbox(deliveries(clinic, size, begin=begin))
    with CaptureQueriesContext(connection) as captured:
        process_due_transmissions(limit=size)
    drain()
    return Figure(
        "P2", f"queries a reading, batch of {size}", len(captured) / size, "queries", target="falls with the batch"
    )


def rows_a_second() -> float:
    """Rows of an inbox inserted a hundred a transaction, by the same driver on the same database."""
    limit_table.make_table()
    moment = connection.ops.adapt_datetimefield_value(datetime.now(UTC))
    body = "x" * 400
    insert = f"INSERT INTO {limit_table.TABLE} (id, event_id, body, received_at) VALUES (%s, %s, %s, %s)"
    batches = []
    for _ in range(ROWS // ROWS_A_TRANSACTION):
        keys = [uuid.uuid4() for _ in range(ROWS_A_TRANSACTION)]
        batches.append([(k if connection.vendor == "postgresql" else k.hex, k.hex, body, moment) for k in keys])
    begun = time.perf_counter()
    for rows in batches:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(insert, rows)
    rate = ROWS / (time.perf_counter() - begun)
    limit_table.drop_table()
    return rate

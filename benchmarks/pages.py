"""P5 and P6: the board for practices of growing size, a poll that finds nothing new, and the chart."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.authentication.models import User
from benchmarks import crowd
from benchmarks.figures import Figure, milliseconds, percentile
from benchmarks.machine import at_most
from benchmarks.population import MODELS, Clinic, delivery, drain, fill_inbox, open_clinic, reading
from benchmarks.processes import bare_server, product, request, send

REPEATS = 100
BOARD_TARGETS_MS = {100: 40.0, 1_000: 60.0, 10_000: 100.0}
POLL_MS = 3.0
CHART_MS, FIRST_BYTE_MS = 80.0, 30.0
CHART_DAYS = 90
DELIVERED_AT_ONCE = 100


def measure_board(sizes: list[int]) -> list[Figure]:
    figures = []
    with bare_server() as port:
        nothing = send(port, [request("GET", "/nothing/")] * REPEATS)
    floor = milliseconds(percentile(nothing["latencies"], 0.95))
    for size in sizes:
        clinic = monitored(size)
        settle()
        figures += board_of(clinic, size, floor)
    return figures


def settle() -> None:
    """The planner knows the new rows and which pages hold no old ones, as in a database that has stood for an hour."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def monitored(size: int) -> Clinic:
    """A practice of so many patients, each with one reading of the last two days that went through the journey."""
    clinic, kind = open_clinic(0), "blood_pressure"
    crowd.fill(clinic, size, worn=kind)
    now = datetime.now(UTC)
    readings = [
        reading(kind, devices[kind], number, now - timedelta(hours=number % 48))
        for number, devices in enumerate(clinic.serials)
    ]
    fill_inbox(delivery(readings[at : at + DELIVERED_AT_ONCE]) for at in range(0, size, DELIVERED_AT_ONCE))
    drain()
    return clinic


def board_of(clinic: Clinic, size: int, floor: float) -> list[Figure]:
    cookie, token = clinic.cookies()
    client = Client()
    client.force_login(User.objects.get(id=clinic.user_id))
    with CaptureQueriesContext(connection) as captured:
        page = client.get("/triage/")
    stamp = re.search(r'name="stamp"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="stamp"', page.content.decode())
    body = urlencode({"stamp": next(filter(None, stamp.groups())) if stamp else ""}).encode()
    with product() as port:
        get = request("GET", "/triage/", Cookie=cookie)
        poll = request(
            "POST", "/triage/changes/", body=body, Cookie=cookie, X_CSRFToken=token,
            Content_Type="application/x-www-form-urlencoded",
        )  # fmt: skip
        send(port, [get] * 10)
        seen = send(port, [get] * REPEATS)
        polled = send(port, [poll] * REPEATS)
    for result, status in ((seen, "200"), (polled, "204")):
        if result["statuses"] != {status: REPEATS}:
            raise RuntimeError(f"the board answered {result['statuses']} where {status} was due")
    p95, quiet = (milliseconds(percentile(result["latencies"], 0.95)) for result in (seen, polled))
    target = BOARD_TARGETS_MS[size]
    return [
        against_nothing("P5", f"board of {size:,} patients, p95", p95, floor, target),
        Figure("P5", f"board of {size:,} patients", len(captured), "queries", target="the same for every size"),
        against_nothing("P5", f"unchanged poll, {size:,} patients, p95", quiet, floor, POLL_MS),
    ]


def against_nothing(number: str, name: str, value: float, floor: float, target: float) -> Figure:
    """A time beside that of an empty view on the same server."""
    return at_most(number, name, value, target, limit=floor, limit_name="empty view, p95")


def measure_chart() -> list[Figure]:
    """The page of one patient with 90 days of four metrics, and the panels that it loads."""
    clinic = open_clinic(1, kinds=tuple(MODELS))
    now = datetime.now(UTC)
    for day in range(CHART_DAYS):
        moment = now - timedelta(days=CHART_DAYS - day, minutes=5)
        fill_inbox([delivery([reading(kind, serial, day, moment) for kind, serial in clinic.serials[0].items()])])
    drain()
    cookie, _ = clinic.cookies()
    patient_id = clinic.patients[0]
    with bare_server() as port:
        floor = milliseconds(percentile(send(port, [request("GET", "/nothing/")] * REPEATS)["latencies"], 0.95))
    figures = []
    pages = {"chart": f"/patients/{patient_id}/", "trends of 90 days": f"/triage/patients/{patient_id}/trends/?days=90"}
    with product() as port:
        for name, path in pages.items():
            get = (
                request("GET", path, Cookie=cookie, HX_Request="true", HX_Target="trends")
                if "trends" in name
                else request("GET", path, Cookie=cookie)
            )
            send(port, [get] * 10)
            result = send(port, [get] * REPEATS)
            if result["statuses"] != {"200": REPEATS}:
                raise RuntimeError(f"{path} answered {result['statuses']}")
            p95 = milliseconds(percentile(result["latencies"], 0.95))
            first = milliseconds(percentile(result["first_bytes"], 0.95))
            figures.append(against_nothing("P6", f"{name}, p95", p95, floor, CHART_MS))
            figures.append(against_nothing("P6", f"{name}, first byte, p95", first, floor, FIRST_BYTE_MS))
    return figures

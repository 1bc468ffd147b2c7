"""P4: finding patients among many: the selector, the whole API request, and what it would cost to open everybody."""

import time
from collections.abc import Sequence
from urllib.parse import urlencode

from django.db import connection

from apps.core.patients import services
from apps.core.patients.models import Patient, SearchToken
from apps.core.patients.selectors.patients import visible_patients
from apps.core.patients.selectors.search import find_page, patient_page
from apps.core.patients.types import PatientFilters
from apps.foundation.tenancy.services import platform_scope, scope
from apps.foundation.tenancy.types import Actor
from benchmarks import crowd
from benchmarks.figures import Figure, median, milliseconds, percentile
from benchmarks.lookup import limit_figures
from benchmarks.machine import at_most
from benchmarks.population import Clinic, open_clinic
from benchmarks.processes import bare_server, product, request, send
from benchmarks.timing import seconds_of, timed

SIZES = (1_000, 5_000, 50_000)
ROUNDS = 40
SELECTOR_MS, API_MS, CROWDED_P99_MS = 2.0, 6.0, 17.0
OPEN_ALL_TIMES = 1_000
GROWTH = 1.5
ON_SQLITE = 3.0
"""So much longer it may take there."""
IMPORTED = 200
PROCESSES = 2
"""As many serve the web in production, unless told otherwise."""
PATH = "/api/v1/patients/"


def measure() -> list[Figure]:
    slack = 1.0 if connection.vendor == "postgresql" else ON_SQLITE
    figures: list[Figure] = []
    selector: dict[int, float] = {}
    request_time: dict[int, float] = {}
    for size in SIZES:
        clinic = open_clinic(0)
        everybody = crowd.fill(clinic, size)
        analyse()
        with scope(clinic.id):
            selector[size] = selector_figures(clinic, everybody, size, slack, figures)
            if size == SIZES[-1]:
                figures += limit_figures(clinic.id, everybody, PROCESSES)
        request_time[size] = api_figures(clinic, everybody, size, slack, figures)
    small, large = SIZES[-2:]
    for name, times in (("selector", selector), ("API request", request_time)):
        growth = times[large] / times[small]
        figures.append(
            Figure("P4", f"{name}, {large:,} beside {small:,} patients", growth, "times", target=f"≤ {GROWTH}",
                   met=growth <= GROWTH)
        )  # fmt: skip
    return [*figures, *index_figures(SIZES[-1]), import_figure()]


def questions(everybody: Sequence[crowd.Somebody]) -> dict[str, list[str]]:
    """By kind, what is asked for: ten answers to a family's name, one to a number. Asked for by turns."""
    of_families = [everybody[number * crowd.MEMBERS] for number in range(crowd.FAMILIES)]
    return {
        "surname": [person.last for person in of_families],
        "beginning of a surname": [person.last[:6] for person in of_families],
        "first name and surname": [f"{person.first} {person.last}" for person in of_families],
        "MRN": [person.mrn for person in of_families],
        "phone": [person.phone for person in of_families],
    }


def selector_figures(
    clinic: Clinic, everybody: Sequence[crowd.Somebody], size: int, slack: float, figures: list[Figure]
) -> float:
    """Found, counted, opened and compared; then the same with its disclosure in the log; then by opening everybody."""
    by = clinic.actor
    naive = seconds_of(lambda: open_everybody(everybody[3].last), rounds=3)
    target = SELECTOR_MS * slack
    times: list[float] = []
    for kind, asked in questions(everybody).items():
        found = [timed(lambda typed=typed: find_page(PatientFilters(query=typed), 1, 25))
                 for typed in (asked * ROUNDS)[:ROUNDS]]  # fmt: skip
        times += found
        figures.append(
            at_most("P4", f"selector, {kind}, among {size:,}, p50", milliseconds(median(found)), target,
                    limit=milliseconds(naive), limit_name="opening everybody")
        )  # fmt: skip
    typical = median(times)
    pages = [timed(lambda typed=typed: patient_page(filters=PatientFilters(query=typed), by=by))
             for typed in questions(everybody)["surname"]]  # fmt: skip
    figures.append(
        Figure("P4", f"page with count and disclosure, among {size:,}, p50", milliseconds(median(pages)), "ms",
               milliseconds(naive), "opening everybody")
    )  # fmt: skip
    if size == SIZES[-1]:
        gain = naive / typical
        figures.append(
            Figure("P4", f"opening everybody beside the selector, {size:,}", gain, "times",
                   target=f"≥ {OPEN_ALL_TIMES / slack:,.0f}", met=gain >= OPEN_ALL_TIMES / slack)
        )  # fmt: skip
    return typical


def api_figures(
    clinic: Clinic, everybody: Sequence[crowd.Somebody], size: int, slack: float, figures: list[Figure]
) -> float:
    """GET with a query by a signed-in nurse, alone and eight at once; and the list without a query."""
    cookie, _ = clinic.cookies()
    asked = [typed for kind in questions(everybody).values() for typed in kind]
    requests = [request("GET", f"{PATH}?{urlencode({'q': typed})}", Cookie=cookie) for typed in asked]
    plain = [request("GET", PATH, Cookie=cookie)] * 100
    with bare_server() as port:
        floor = milliseconds(median(send(port, [request("GET", "/nothing/")] * 200)["latencies"]))
    with product(workers=PROCESSES) as port:
        send(port, requests[:60], clients=8)
        alone, crowded, listed = send(port, requests), send(port, requests * 3, clients=8), send(port, plain)
    for result in (alone, crowded, listed):
        if set(result["statuses"]) != {"200"}:
            raise RuntimeError(f"the API answered {result['statuses']}")
    p50 = median(alone["latencies"])
    p99 = milliseconds(percentile(crowded["latencies"], 0.99))
    target, crowded_target = API_MS * slack, CROWDED_P99_MS * slack
    rate = len(requests) * 3 / crowded["seconds"]
    figures += [
        at_most("P4", f"API request, among {size:,}, p50", milliseconds(p50), target,
                limit=floor, limit_name="empty view, p50"),
        at_most("P4", f"API request, among {size:,}, 8 clients, p99", p99, crowded_target,
                limit=floor, limit_name="empty view, p50"),
        Figure("P4", f"API requests, among {size:,}, 8 clients", rate, "requests/s"),
        Figure("P4", f"API list of {size:,} without a query, p50", milliseconds(median(listed["latencies"])), "ms",
               floor, "empty view, p50"),
    ]  # fmt: skip
    return p50


def index_figures(size: int) -> list[Figure]:
    """What the index takes, and how many tags a patient has in it."""
    with platform_scope():
        tokens, rows = SearchToken.objects.count(), Patient.objects.count()
    figures = [Figure("P4", "tags a patient", tokens / rows, "tags")]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_total_relation_size('patients_searchtoken'), pg_total_relation_size('patients_patient')"
            )
            index, records = cursor.fetchone()
        figures.append(
            Figure("P4", "index, bytes a patient", index / rows, "bytes", records / rows, "bytes of the record")
        )
    return figures


def import_figure() -> Figure:
    """Patients registered one after the other through the service: checked, sealed, indexed, in the log."""
    clinic = open_clinic(0)
    by = Actor.system("benchmark", clinic.id)
    some = list(crowd.people(IMPORTED))
    with scope(clinic.id):
        begun = time.perf_counter()
        for person in some:
            services.register_patient(
                first_name=person.first, last_name=person.last, date_of_birth=crowd.BIRTHDAY, phone=person.phone,
                email="p@example.org", by=by,
            )  # fmt: skip
        seconds = time.perf_counter() - begun
    return Figure("P4", "patients registered, one after the other", IMPORTED / seconds, "patients/s")


def open_everybody(typed: str) -> int:
    """The design that the index replaces: every record is read and opened."""
    wanted = typed.lower()
    rows = visible_patients().filter(archived_at__isnull=True)
    return sum(
        any(wanted in str(value).lower() for value in (row.first_name, row.last_name, row.mrn, row.phone, row.email))
        for row in rows.iterator(chunk_size=2_000)
    )


def analyse() -> None:
    """The planner knows the new rows, as it does in a database that has stood for an hour."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

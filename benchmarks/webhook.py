"""P1: how fast a delivery is taken in: sealed, durable, unique; beside a bare view that checks and inserts."""

from datetime import UTC, datetime, timedelta

from benchmarks import limit_table
from benchmarks.figures import Figure, median, milliseconds, percentile
from benchmarks.population import WEBHOOK, Clinic, delivery, reading, signed
from benchmarks.processes import bare_server, product, send

CLIENTS = 8
REQUESTS = 4_000
WARMING = 300
ROUNDS = 3
SHARE_OF_LIMIT = 0.8
ACKNOWLEDGED_MS = 17.0  # half of what Medplum's POST Observation needs at p99 with 8 clients (performance.md)


def prepared(clinic: Clinic, count: int, path: str) -> list[bytes]:
    """Signed requests with one reading each, no two of them alike."""
    now = datetime.now(UTC)
    bodies = []
    for number in range(count):
        serial = clinic.serials[number % len(clinic.serials)]["blood_pressure"]
        bodies.append(delivery([reading("blood_pressure", serial, number, now - timedelta(seconds=number))]))
    return [signed(body, path) for body in bodies]


def measure(clinic: Clinic) -> list[Figure]:
    """The product and its limit take turns, so that both see the same machine."""
    rates: dict[str, list[float]] = {"product": [], "bare": []}
    tails: dict[str, list[float]] = {"product": [], "bare": []}
    limit_table.make_table()
    with product() as product_port, bare_server() as bare_port:
        ways = {"bare": (bare_port, "/insert/"), "product": (product_port, WEBHOOK)}
        for port, path in ways.values():
            send(port, prepared(clinic, WARMING, path), clients=CLIENTS)
        for _ in range(ROUNDS):
            for name, (port, path) in ways.items():
                result = send(port, prepared(clinic, REQUESTS, path), clients=CLIENTS)
                if result["statuses"] != {"202": REQUESTS}:
                    raise RuntimeError(f"{name} answered {result['statuses']}")
                rates[name].append(REQUESTS / result["seconds"])
                tails[name].append(milliseconds(percentile(result["latencies"], 0.99)))
    limit_table.drop_table()
    rate, limit = median(rates["product"]), median(rates["bare"])
    tail = median(tails["product"])
    return [
        Figure("P1", f"webhook intake, {CLIENTS} clients", rate, "requests/s", limit, "bare view, HMAC + INSERT",
               f"≥ {SHARE_OF_LIMIT} of the limit", rate >= SHARE_OF_LIMIT * limit),
        Figure("P1", "acknowledgement, p99", tail, "ms", median(tails["bare"]), "bare view, p99",
               f"< {ACKNOWLEDGED_MS} ms", tail < ACKNOWLEDGED_MS),
    ]  # fmt: skip

"""P3: from a webhook's 202 to the reading on an open board, at 50 readings a second, polling as the page polls."""

import http.client
import re
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

from benchmarks.figures import Figure, median, percentile
from benchmarks.population import Clinic, delivery, reading, signed
from benchmarks.processes import ROOT, product, send, worker

PER_SECOND = 50
SECONDS = 20
P95_SECONDS, P99_SECONDS = 2.0, 5.0
BOARD = Path("templates/triage/board.html")
_ROW = re.compile(r'id="row-([0-9a-f-]{36})"(.*?)(?=id="row-|\Z)', re.DOTALL)
_TIME = re.compile(r'class="reading[^"]*".*?<time[^>]*datetime="([^"]+)"', re.DOTALL)
_STAMP = re.compile(r'id="stamp"[^>]*value="([^"]*)"')


def seconds_between_polls() -> float:
    """As the board's own page has it."""
    found = re.search(r'hx-trigger="every (\d+)(m?s)', (ROOT / BOARD).read_text())
    assert found, "the board does not poll"
    return int(found.group(1)) / (1000 if found.group(2) == "ms" else 1)


@dataclass
class Watcher(threading.Thread):
    """A browser with the board open. `seen` says for each patient when which time of measurement was first shown."""

    port: int
    cookie: str
    token: str
    pause: float
    seen: dict[UUID, list[tuple[datetime, float]]] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {
            "Cookie": self.cookie, "X-CSRFToken": self.token, "HX-Request": "true",
            "Content-Type": "application/x-www-form-urlencoded",
        }  # fmt: skip
        stamp = ""
        while not self.stopping.wait(self.pause):
            connection.request("POST", "/triage/changes/", urlencode({"stamp": stamp, "page": "1"}), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            if answer.status == 200:
                stamp = self.note(text, time.time()) or stamp

    def note(self, page: str, now: float) -> str:
        for patient, row in _ROW.findall(page):
            shown = _TIME.search(row)
            if shown:
                self.seen.setdefault(UUID(patient), []).append((datetime.fromisoformat(shown.group(1)), now))
        stamp = _STAMP.search(page)
        return stamp.group(1) if stamp else ""

    def visible_at(self, patient_id: UUID, measured_at: datetime) -> float | None:
        return next((at for shown, at in self.seen.get(patient_id, ()) if shown >= measured_at), None)


def measure(clinic: Clinic) -> list[Figure]:
    """Each patient sends a reading a second; the patients fit on one page of the board."""
    assert len(clinic.patients) == PER_SECOND, "one reading a second for each patient"
    pause = seconds_between_polls()
    cookie, token = clinic.cookies()
    with product() as port, worker():
        time.sleep(3)
        begin = datetime.now(UTC).replace(microsecond=0)
        sent, requests = [], []
        for second in range(SECONDS):
            for number, patient_id in enumerate(clinic.patients):
                measured_at = begin + timedelta(seconds=second)
                serial = clinic.serials[number]["blood_pressure"]
                requests.append(signed(delivery([reading("blood_pressure", serial, number + 7 * second, measured_at)])))
                sent.append((patient_id, measured_at))
        watcher = Watcher(port, cookie, token, pause)
        watcher.start()
        result = send(port, requests, per_second=PER_SECOND)
        time.sleep(P99_SECONDS + pause)
        watcher.stopping.set()
        watcher.join(timeout=15)
    if result["statuses"] != {"202": len(requests)}:
        raise RuntimeError(f"the webhook answered {result['statuses']}")
    waits = []
    for (patient_id, measured_at), accepted_at in zip(sent, result["answered_at"], strict=True):
        visible_at = watcher.visible_at(patient_id, measured_at)
        waits.append(float("inf") if visible_at is None else max(0.0, visible_at - accepted_at))
    p95, p99 = percentile(waits, 0.95), percentile(waits, 0.99)
    return [
        Figure("P3", f"accepted → on the board, {PER_SECOND}/s, p50", median(waits), "s", pause, "s between polls"),
        Figure("P3", "accepted → on the board, p95", p95, "s", pause, "s between polls",
               f"< {P95_SECONDS:.0f} s", p95 < P95_SECONDS),
        Figure("P3", "accepted → on the board, p99", p99, "s", pause, "s between polls",
               f"< {P99_SECONDS:.0f} s", p99 < P99_SECONDS),
    ]  # fmt: skip

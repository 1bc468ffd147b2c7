"""Acceptance of key rotation: a practice of thousands gets new keys while people work, and the exchange is killed.

`python -m benchmarks.keys 1000` runs it alone, on the database of the environment, and prints the outcome as JSON.
"""

import contextlib
import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

if TYPE_CHECKING:
    from benchmarks.crowd import Somebody
    from benchmarks.figures import Figure
    from benchmarks.population import Clinic

SIZE = 10_000
READERS = 3
WORST_WAIT_SECONDS = 2.0
_SEEN = re.compile(r"data key \d+, walk 1: (\d+) of (\d+) rows")


@dataclass
class Outcome:
    """What happened: times in seconds, requests by what went wrong with them."""

    patients: int
    rows: int = 0
    killed_at: int = 0
    seconds: float = 0.0
    requests: int = 0
    registered: int = 0
    changed: int = 0
    wrong: dict[str, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)
    before: list[float] = field(default_factory=list)
    under_old_keys: int = -1
    live_keys: list[str] = field(default_factory=list)
    chain_ok: bool = False


class Crowd:
    """Nurses who search, open charts, change and register, and compare every answer with what is true."""

    def __init__(self, port: int, clinic: "Clinic", everybody: "Sequence[Somebody]") -> None:
        from apps.core.patients.models import Patient
        from apps.foundation.tenancy.services import scope

        self.port = port
        self.clinic = clinic
        self.cookie, _ = clinic.cookies()
        self.everybody = everybody
        with scope(clinic.id):
            self.first_names = {row.id: row.first_name for row in Patient.objects.all()[:400]}
        self.latencies: list[float] = []
        self.wrong: Counter[str] = Counter()
        self.cities: dict[UUID, str] = {}
        self.registered = self.changed = 0
        self._stop = threading.Event()

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        self._stop.clear()
        people = [threading.Thread(target=self._read, args=(number,)) for number in range(READERS)]
        people.append(threading.Thread(target=self._write))
        for person in people:
            person.start()
        try:
            yield
        finally:
            self._stop.set()
            for person in people:
                person.join()

    def lost_edits(self) -> int:
        """How many of the changed rows do not say what was written last."""
        from apps.core.patients.models import Patient
        from apps.foundation.tenancy.services import scope

        with scope(self.clinic.id):
            rows = Patient.objects.filter(id__in=list(self.cities))
            return sum(row.city != self.cities[row.id] for row in rows)

    def _get(self, line: http.client.HTTPConnection, path: str) -> Any:
        begun = time.perf_counter()
        line.request("GET", path, headers={"Cookie": self.cookie})
        answer = line.getresponse()
        body = answer.read()
        self.latencies.append(time.perf_counter() - begun)
        if answer.status != http.HTTPStatus.OK:
            self.wrong[f"status {answer.status}"] += 1
            return None
        return json.loads(body)

    def _read(self, number: int) -> None:
        from benchmarks.crowd import FAMILIES, MEMBERS

        chance = random.Random(number)
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        ids = list(self.first_names)
        while not self._stop.is_set():
            person = self.everybody[chance.randrange(FAMILIES * MEMBERS)]
            for asked, wanted in ((person.last, MEMBERS), (person.mrn, 1), (f"{person.first} {person.last}", 1)):
                found = self._get(line, f"/api/v1/patients/?{urlencode({'q': asked})}")
                if found is not None and found["count"] != wanted:
                    self.wrong["search"] += 1
            patient_id = chance.choice(ids)
            opened = self._get(line, f"/api/v1/patients/{patient_id}/")
            if opened is not None and opened["first_name"] != self.first_names[patient_id]:
                self.wrong["read"] += 1
        line.close()

    def _write(self) -> None:
        """In a process of its own from the server's and the exchange's view: with keys that it remembers itself."""
        from django.db import connection

        from apps.core.patients import services
        from apps.foundation.tenancy.services import scope
        from apps.foundation.tenancy.types import Actor
        from benchmarks.crowd import BIRTHDAY

        by = Actor.system("benchmark", self.clinic.id)
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        chance = random.Random(99)
        ids = list(self.first_names)
        try:
            while not self._stop.is_set():
                patient_id, name = chance.choice(ids), f"Changed{chance.choice('abcdefgh')}"
                with scope(self.clinic.id):
                    mrn = f"NEW-{self.registered:05d}-{os.getpid()}"
                    services.register_patient(
                        first_name="New", last_name="Qvnew", date_of_birth=BIRTHDAY, mrn=mrn, by=by
                    )
                    self.registered += 1
                    services.change_patient(patient_id=patient_id, changes={"city": name}, by=by)
                    self.cities[patient_id] = name
                    self.changed += 1
                found = self._get(line, f"/api/v1/patients/?{urlencode({'q': mrn})}")
                if found is not None and found["count"] != 1:
                    self.wrong["search of a new one"] += 1
                opened = self._get(line, f"/api/v1/patients/{patient_id}/")
                if opened is not None and name not in json.dumps(opened):
                    self.wrong["read of a change"] += 1
                time.sleep(0.05)
        except Exception as error:
            self.wrong[f"write {type(error).__name__}"] += 1
        finally:
            line.close()
            connection.close()


def run(size: int) -> Outcome:
    """Fill a practice, serve it, exchange its keys under load, kill the exchange half-way, finish it."""
    from apps.foundation.audit.services import verify_chain
    from apps.foundation.tenancy.services import platform_scope
    from benchmarks import crowd
    from benchmarks.population import open_clinic
    from benchmarks.processes import running, web_server

    clinic = open_clinic(0)
    everybody = crowd.fill(clinic, size)
    outcome = Outcome(patients=size)
    settings = os.environ["DJANGO_SETTINGS_MODULE"]
    with (
        web_server("vantrexia.wsgi:application", settings, probe="/livez", workers=2) as port,
        running([sys.executable, "manage.py", "run_worker"], settings=settings, stop=signal.SIGINT),
    ):
        people = Crowd(port, clinic, everybody)
        with people.at_work():
            time.sleep(3)
        outcome.before, people.latencies = people.latencies, []
        with people.at_work():
            begun = time.perf_counter()
            outcome.killed_at, outcome.rows = _exchange(clinic.id, "--rate", str(size // 6), kill_at=0.4)
            _exchange(clinic.id, "--rate", "0", "--resume")
            outcome.seconds = time.perf_counter() - begun
        outcome.latencies = people.latencies
    outcome.requests, outcome.wrong = len(people.latencies), dict(people.wrong)
    outcome.registered, outcome.changed = people.registered, people.changed
    outcome.under_old_keys, outcome.live_keys = _left(clinic.id)
    lost = people.lost_edits()
    if lost:
        outcome.wrong["lost edit"] = lost
    with platform_scope():
        outcome.chain_ok = verify_chain(clinic.id).ok
    return outcome


def _exchange(practice_id: UUID, *options: str, kill_at: float = 2.0) -> tuple[int, int]:
    """The command runs to its end, or until that share of the rows and SIGKILL. Returns rows seen, and of how many."""
    command = [sys.executable, "manage.py", "rotate_keys", "--practice", str(practice_id), *options]
    seen = total = 0
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:  # fmt: skip
        said = ""
        for said in process.stdout or ():
            found = _SEEN.search(said)
            if found:
                seen, total = int(found[1]), int(found[2])
            if total and seen >= kill_at * total:
                os.killpg(process.pid, signal.SIGKILL)
                break
        code = process.wait()
    if code != (-signal.SIGKILL if kill_at < 1 else 0):
        raise RuntimeError(f"rotate_keys ended with {code}: {said}")
    return seen, total


def _left(practice_id: UUID) -> tuple[int, list[str]]:
    """Tokens under another key than the one in use, counted by reading every token; and the keys that live."""
    from apps.foundation.encryption import cipher
    from apps.foundation.encryption.catalogue import sealed_tables
    from apps.foundation.encryption.keyring import forget_keys, keys_of
    from apps.foundation.encryption.selectors import list_keys
    from apps.foundation.encryption.types import KeyState, Purpose
    from apps.foundation.tenancy.services import scope

    forget_keys()
    left = 0
    with scope(practice_id):
        primary = keys_of(practice_id, Purpose.DATA).primary
        for table in sealed_tables(practice_id):
            names = [column.attname for column in table.columns]
            for row in table.rows(practice_id).values_list(*names).iterator():
                left += sum(sealed is not None and cipher.number_of(sealed.token) != primary for sealed in row)
    living = [key for key in list_keys(practice_id) if key.state is not KeyState.DESTROYED]
    return left, [f"{key.purpose} {key.number}" for key in living]


def measure() -> "list[Figure]":
    """The whole size, as figures."""
    from benchmarks.figures import Figure, milliseconds, percentile

    outcome = run(SIZE)
    wrong = sum(outcome.wrong.values())
    p99, before = percentile(outcome.latencies, 0.99), percentile(outcome.before, 0.99)
    among = f"among {SIZE:,}"
    return [
        Figure("keys", f"requests that failed or were wrong, {among}", wrong, f"of {outcome.requests:,}",
               target="0", met=wrong == 0),
        Figure("keys", "tokens left under the old key", outcome.under_old_keys, "tokens", target="0",
               met=outcome.under_old_keys == 0),
        Figure("keys", f"killed by SIGKILL at row, {among}", outcome.killed_at, "rows", outcome.rows, "rows"),
        Figure("keys", "both keys exchanged, with kill, resumption and the wait for other processes", outcome.seconds,
               "s"),
        Figure("keys", "request meanwhile, p99", milliseconds(p99), "ms", milliseconds(before), "before, p99",
               f"< {WORST_WAIT_SECONDS:.0f} s", p99 < WORST_WAIT_SECONDS),
        Figure("keys", "registered and changed meanwhile", outcome.registered + outcome.changed, "writes"),
    ]  # fmt: skip


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vantrexia.settings")
    os.environ["RATE_LIMIT_PER_MINUTE"] = os.environ["RATE_LIMIT_POLLS_PER_MINUTE"] = "1000000000"
    import django

    django.setup()
    result = asdict(run(int(sys.argv[1])))
    for name in ("latencies", "before"):
        ordered = sorted(result.pop(name))
        result[f"{name}_p99_ms"] = round(1000 * ordered[int(0.99 * len(ordered))], 1)
    print(json.dumps(result))

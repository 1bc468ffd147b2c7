"""`python -m benchmarks`: measures on the database of the environment, which bin/bench prepares."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vantrexia.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")
# What the machine can do is measured, not what one address may ask of it.
os.environ["RATE_LIMIT_PER_MINUTE"] = os.environ["RATE_LIMIT_POLLS_PER_MINUTE"] = "1000000000"
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks import journey, keys, live, machine, pages, search, start, webhook  # noqa: E402
from benchmarks.figures import Figure, table  # noqa: E402
from benchmarks.population import open_clinic  # noqa: E402

PATIENTS = 50


def main() -> int:
    """Measure, print the table, write the JSON. Returns 1 when a target was missed and --strict was asked for."""
    parser = argparse.ArgumentParser(prog="bin/bench")
    parser.add_argument("--only", default="", help="figures to measure, such as P1,P5")
    parser.add_argument("--full", action="store_true", help="the board of 10,000 patients too")
    parser.add_argument("--strict", action="store_true", help="a missed target is a failure")
    parser.add_argument("--output", type=Path, required=True, help="where the JSON goes")
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    sizes = [100, 1_000, 10_000] if options.full else [100, 1_000]
    parts: dict[str, Callable[[], list[Figure]]] = {
        "P1": lambda: webhook.measure(open_clinic(PATIENTS)),
        "P2": lambda: journey.measure(open_clinic(PATIENTS)),
        "P3": lambda: live.measure(open_clinic(PATIENTS)),
        "P4": search.measure,
        "P5": lambda: pages.measure_board(sizes),
        "P6": pages.measure_chart,
        "P11": start.measure,
        "keys": keys.measure,
    }
    wanted = options.only.split(",") if options.only else list(parts)[:-1]
    figures = machine.figures()
    for number in wanted:
        print(f"measuring {number} …", file=sys.stderr, flush=True)
        figures += parts[number]()
    report = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "database": f"{connection.vendor} {version()}",
        "redis": bool(settings.REDIS_URL),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.platform()},
        "figures": [figure.as_dict() for figure in figures],
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(report, indent=2) + "\n")
    print(f"\n{report['database']}, Redis: {'yes' if settings.REDIS_URL else 'no'}, {os.cpu_count()} cores\n")
    print(table(figures))
    print(f"\nThe same as JSON: {options.output}")
    return int(options.strict and any(figure.met is False for figure in figures))


def version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version" if connection.vendor == "postgresql" else "SELECT sqlite_version()")
        return str(cursor.fetchone()[0])


if __name__ == "__main__":
    sys.exit(main())

"""`python -m apps.sandbox.mioconnect`: send readings until told to stop, and print counts, never values."""

import argparse
import heapq
import itertools
import json
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from apps.sandbox.mioconnect.client import Sender
from apps.sandbox.mioconnect.deliveries import Gateway, people_of
from apps.sandbox.mioconnect.types import Delivery, Tally

REPORT_SECONDS = 30.0


def main(arguments: list[str] | None = None) -> int:
    """Run the gateway; returns the exit status."""
    options = _options().parse_args(arguments)
    try:
        config = json.loads(Path(options.config).read_text(encoding="utf-8"))
        people = people_of(options.seed, config["devices"])
        base_url, secret = options.base_url or config["base_url"], config["webhook_secret"]
    except (OSError, ValueError, KeyError) as fault:
        print(f"mioconnect: the configuration can't be read: {type(fault).__name__}", file=sys.stderr)
        return 2
    if not people:
        print("mioconnect: no device in the configuration is held by a patient", file=sys.stderr)
        return 2
    stop = threading.Event()

    def _stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    started = datetime.now(UTC)
    gateway = Gateway(
        people=people, seed=options.seed, run=options.run or f"{int(started.timestamp()):x}", started=started
    )
    sender = Sender(base_url=base_url, secret=secret, retry_scale=options.retry_scale)
    _run(gateway, sender, stop, rate=options.rate, count=options.count)
    sender.close()
    _report(sender.tally)
    return 0


def _run(gateway: Gateway, sender: Sender, stop: threading.Event, *, rate: float, count: int) -> None:
    """Send `rate` new deliveries a minute and retries when they are due, `count` in all (0: without end)."""
    waiting: list[tuple[float, int, Delivery]] = []
    order = itertools.count()
    next_new = next_report = time.monotonic()
    fresh = 0
    while not stop.is_set():
        now = time.monotonic()
        if waiting and waiting[0][0] <= now:
            delivery = heapq.heappop(waiting)[2]
        elif next_new <= now and (count == 0 or fresh < count):
            delivery, fresh = gateway.next_delivery(datetime.now(UTC)), fresh + 1
            next_new = max(next_new + 60.0 / rate, now - 1.0)
        elif count and fresh >= count and not waiting:
            return
        else:
            due = [next_new] if count == 0 or fresh < count else []
            stop.wait(max(0.0, min(due + [entry[0] for entry in waiting[:1]]) - now))
            continue
        pause = sender.send(delivery)
        if pause is not None:
            heapq.heappush(waiting, (time.monotonic() + pause, next(order), delivery))
        if now - next_report >= REPORT_SECONDS:
            _report(sender.tally)
            next_report = now


def _report(tally: Tally) -> None:
    print(
        f"mioconnect: sent {tally.sent}, accepted {tally.accepted}, duplicates {tally.duplicates}, "
        f"to retry {tally.retried}, refused {tally.refused}, given up {tally.gave_up}",
        flush=True,
    )


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m apps.sandbox.mioconnect", description=__doc__)
    parser.add_argument("--config", required=True, help="JSON with base_url, webhook_secret and devices")
    parser.add_argument("--base-url", default="", help="where to send, instead of the configuration's base_url")
    parser.add_argument("--rate", type=float, default=40.0, help="new deliveries a minute")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same people")
    parser.add_argument("--run", default="", help="name of this run; two runs with one name send the same ids")
    parser.add_argument("--count", type=int, default=0, help="stop after so many deliveries")
    parser.add_argument("--retry-scale", type=float, default=1 / 30, help="factor on the contract's waiting times")
    return parser


if __name__ == "__main__":
    sys.exit(main())

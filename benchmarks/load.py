"""The load: a process of its own that sends prepared requests over kept connections of the loopback and times answers.

Reads one JSON job from stdin and writes one JSON result to stdout. Every job is bounded by the number of its requests.
"""

import asyncio
import base64
import json
import sys
import time
from collections import deque
from typing import Any, NotRequired, TypedDict

HOST = "127.0.0.1"
MOST_REQUESTS = 100_000


class Job(TypedDict):
    """What to send. `per_second` spaces the sending; without it each client sends as soon as it has its answer."""

    port: int
    clients: int
    requests: list[str]  # whole HTTP requests, base64
    per_second: NotRequired[float]


class Result(TypedDict):
    """Of each answer: seconds, seconds until its first byte, time of day. Statuses, and the seconds of the whole."""

    latencies: list[float]
    first_bytes: list[float]
    answered_at: list[float]
    statuses: dict[str, int]
    seconds: float


class Client(asyncio.Protocol):
    """One kept connection: sends, waits for the whole answer, sends the next."""

    def __init__(self, waiting: deque[bytes], result: Result, done: asyncio.Future[None]) -> None:
        self.waiting, self.result, self.done = waiting, result, done
        self.received = bytearray()
        self.expected: int | None = None
        self.begun = self.first_byte = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.send_next()

    def send_next(self) -> None:
        if not self.waiting:
            self.transport.close()
            return
        self.received.clear()
        self.expected, self.first_byte = None, 0.0
        self.begun = time.perf_counter()
        self.transport.write(self.waiting.popleft())

    def data_received(self, data: bytes) -> None:
        if not self.first_byte:
            self.first_byte = time.perf_counter()
        self.received += data
        if self.expected is None:
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                return
            self.expected = end + 4 + self.length_of(bytes(self.received[:end]))
        if len(self.received) >= self.expected:
            self.answered()

    def length_of(self, head: bytes) -> int:
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                return int(value)
        if b" 204 " in head[:16] or b" 304 " in head[:16]:
            return 0
        raise RuntimeError("an answer without a length")

    def answered(self) -> None:
        now = time.perf_counter()
        self.result["latencies"].append(now - self.begun)
        self.result["first_bytes"].append(self.first_byte - self.begun)
        self.result["answered_at"].append(time.time())
        status = self.received[9:12].decode()
        self.result["statuses"][status] = self.result["statuses"].get(status, 0) + 1
        self.send_next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def send_all(job: Job) -> Result:
    """Every request was answered, by as many connections at once as the job has clients."""
    waiting = deque(base64.b64decode(request) for request in job["requests"])
    if len(waiting) > MOST_REQUESTS:
        raise ValueError("too many requests for one job")
    result: Result = {"latencies": [], "first_bytes": [], "answered_at": [], "statuses": {}, "seconds": 0.0}
    loop = asyncio.get_running_loop()
    finished: list[asyncio.Future[None]] = []
    begun = time.perf_counter()
    if "per_second" in job:
        await send_spaced(job["port"], waiting, job["per_second"], result)
    else:
        for _ in range(job["clients"]):
            done: asyncio.Future[None] = loop.create_future()
            finished.append(done)
            await loop.create_connection(lambda done=done: Client(waiting, result, done), HOST, job["port"])
        await asyncio.gather(*finished)
    result["seconds"] = time.perf_counter() - begun
    return result


async def send_spaced(port: int, waiting: deque[bytes], per_second: float, result: Result) -> None:
    """One request after the other at this rate, each over the same connection."""
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    for number in range(len(waiting)):
        pause = begun + number / per_second - time.perf_counter()
        if pause > 0:
            await asyncio.sleep(pause)
        done: asyncio.Future[None] = loop.create_future()
        await loop.create_connection(lambda done=done: Client(deque([waiting.popleft()]), result, done), HOST, port)
        await done


def main() -> None:
    job: Any = json.load(sys.stdin)
    json.dump(asyncio.run(send_all(job)), sys.stdout)


if __name__ == "__main__":
    main()

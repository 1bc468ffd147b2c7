"""Ports for the servers that tests start."""

import socket
from contextlib import suppress
from itertools import count
from random import SystemRandom

# Below what the system gives to outgoing connections: none of them can take it before the server is up.
FIRST, LAST = 12_000, 32_000

_numbers = count(SystemRandom().randrange(LAST - FIRST))


def free_port() -> int:
    """A port of the loopback that nobody uses now, and that this process was not given before."""
    while True:
        port = FIRST + next(_numbers) % (LAST - FIRST)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port

"""The sandbox's gateway against the running product, which goes away for a while in the middle."""

import json
import re
import signal
import time
from typing import Any

import pytest

from tests.faults.installation import SECRET, Installation, free_port, kill, wait_for

pytestmark = pytest.mark.timeout(300)


def configure(installation: Installation, base_url: str) -> str:
    path = installation.folder / "gateway.json"
    devices = [
        {"serial": serial, "model": "UA-651BLE", "patient_id": f"person-{number}", "practice": "any"}
        for number, serial in enumerate(installation.serials)
    ]
    path.write_text(json.dumps({"base_url": base_url, "webhook_secret": SECRET, "devices": devices}))
    return str(path)


def tally(text: str) -> dict[str, int]:
    line = [line for line in text.splitlines() if line.startswith("mioconnect: sent")][-1]
    return {
        name.strip(): int(number) for name, number in re.findall(r"(\D+?) (\d+)", line.split(":")[1].replace(",", ""))
    }


def test_the_gateway_tries_again_until_everything_is_in(installation: Installation) -> None:
    port = free_port()
    config = configure(installation, f"http://127.0.0.1:{port}")
    before = installation.census()
    arguments = ["--config", config, "--rate", "1500", "--count", "150", "--retry-scale", "0.03", "--run", "outage"]
    size = installation.log.stat().st_size
    with installation.web(port) as web, installation.process("-m", "apps.sandbox.mioconnect", *arguments) as gateway:
        time.sleep(2.5)
        kill(web.process)
        time.sleep(1)
        with installation.web(port), installation.worker():
            assert gateway.wait(timeout=90) == 0
            wait_for(installation.is_idle)
    printed = installation.log.read_bytes()[size:].decode()
    found = tally(printed)
    after: dict[str, Any] = installation.census()
    assert found["given up"] == found["refused"] == 0
    assert found["to retry"] > 0, "the outage hurt nobody"
    assert after["receipts"] - before["receipts"] >= found["accepted"] > 100
    assert after["observations"] == after["distinct_observations"]
    assert not any(serial in printed for serial in installation.serials)


def test_the_gateway_stops_when_told_to(installation: Installation) -> None:
    config = configure(installation, f"http://127.0.0.1:{free_port()}")
    for number in (signal.SIGINT, signal.SIGTERM):
        with installation.process("-m", "apps.sandbox.mioconnect", "--config", config) as gateway:
            time.sleep(1)
            gateway.send_signal(number)
            assert gateway.wait(timeout=10) == 0

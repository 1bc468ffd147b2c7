"""The sandbox's gateway against the running product, which goes away for a while in the middle."""

import json
import re
import signal
import socket
import time
from typing import Any

import pytest

from tests.faults.installation import SECRET, Installation, kill, wait_for
from tests.ports import free_port

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
        wait_for(lambda: "new" in installation.states())
        kill(web.process)
        time.sleep(1)
        with installation.web(port), installation.worker():
            assert gateway.wait(timeout=180) == 0
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
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        nobody.settimeout(60)
        config = configure(installation, f"http://127.0.0.1:{nobody.getsockname()[1]}")
        for number in (signal.SIGINT, signal.SIGTERM):
            with installation.process("-m", "apps.sandbox.mioconnect", "--config", config) as gateway:
                at_work, _address = nobody.accept()
                gateway.send_signal(number)
                at_work.close()
                assert gateway.wait(timeout=60) == 0

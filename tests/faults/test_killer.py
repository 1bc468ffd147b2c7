"""A transmission that kills whoever works on it ends dead, alone and visible, and can be revived."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.installation import Installation, Web, wait_for
from tests.payloads import mioconnect

pytestmark = pytest.mark.timeout(300)

LIVES = 8
LEASE_SECONDS = 2


def test_a_killer_dies_alone_and_can_be_revived(installation: Installation, web: Web) -> None:
    now = datetime.now(UTC)
    readings = [
        mioconnect.blood_pressure(serial, 184, 122, measured_at=now - timedelta(minutes=number))
        for number, serial in enumerate(installation.serials[:5])
    ]
    web.post_all([mioconnect.delivery(reading) for reading in readings])
    killer, *innocents = [reading["reading_id"] for reading in readings]
    for _life in range(LIVES):
        installation.run("-m", "tests.faults.killer", killer, check=False)
        time.sleep(LEASE_SECONDS + 0.2)
    counted = installation.census()
    assert counted["transmissions"] == {"done": 4, "dead": 1}
    assert counted["reading_ids"] == sorted(innocents)
    assert installation.run("manage.py", "revive_transmissions").strip() == "1 due again"
    with installation.worker():
        wait_for(installation.is_idle)
    counted = installation.census()
    assert counted["reading_ids"] == sorted([killer, *innocents])
    assert (counted["observations"], counted["deliveries"], counted["broken_chains"]) == (5, 5, 0)

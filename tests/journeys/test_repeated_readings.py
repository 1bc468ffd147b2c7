"""A reading that turns out to repeat an earlier one is taken back wherever it had gone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from apps.core.billing.models import DeviceDay
from apps.core.observations.models import Observation
from apps.core.triage.models import Alert, TriageState
from apps.ecw_integration.models import Delivery
from apps.foundation.audit.services import verify_chain
from apps.ingestion.models import Transmission
from apps.ingestion.services import journey, process_due_transmissions
from tests.cast import Cast
from tests.factories.patients import enrol_patient, give_device
from tests.payloads import mioconnect

pytestmark = pytest.mark.django_db

ZONE = "America/Chicago"


@pytest.fixture
def wearer(cast: Cast) -> tuple[UUID, str]:
    patient_id = enrol_patient(cast.highland, time_zone=ZONE)
    return patient_id, give_device(cast.highland, patient_id)[1]


@pytest.fixture
def measure(client: Client, wearer: tuple[UUID, str]) -> Callable[[datetime], None]:
    """The same crisis once more, at this moment."""

    def _measure(at: datetime) -> None:
        reading = mioconnect.blood_pressure(wearer[1], 184, 122, measured_at=at)
        assert mioconnect.post(client, mioconnect.delivery(reading)).status_code == 202

    return _measure


def day_before(days: int, hour: int, minute: int, second: int) -> datetime:
    """A wall-clock moment of the patient's, some days ago."""
    day = (timezone.now() - timedelta(days=days)).astimezone(ZoneInfo(ZONE)).date()
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


def kept(cast: Cast, patient_id: UUID) -> dict[str, Any]:
    """What is left of the readings everywhere, by the seconds of their time of measurement."""
    with cast.highland.scope():
        rows = {row.id: row for row in Observation.objects.order_by("effective_at")}
        at = {row_id: row.effective_at.second for row_id, row in rows.items()}
        alert = Alert.objects.get()
        window = TriageState.objects.get(id=patient_id).window["blood_pressure"]
        return {
            "charted": [row.effective_at.second for row in rows.values() if row.status == "final"],
            "window": [entry[0] % 60 for entry in window],
            "alert": [moment % 60 for moment, _reading in alert.facts["readings"]],
            "to send": [at[row.observation_id] for row in Delivery.objects.filter(state="held")],
            "days": [(row.local_date.day, at[row.observation_id]) for row in DeviceDay.objects.order_by("local_date")],
        }


@pytest.mark.parametrize("interrupted", [False, True])
def test_the_one_in_the_middle_that_comes_last(
    cast: Cast,
    wearer: tuple[UUID, str],
    measure: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
    interrupted: bool,
) -> None:
    first = day_before(1, 9, 0, 0)
    for seconds in (0, 95):
        measure(first + timedelta(seconds=seconds))
        process_due_transmissions()
    assert kept(cast, wearer[0])["to send"] == [0, 35]
    measure(first + timedelta(seconds=45))
    if interrupted:
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(journey, "administer_transmissions", interrupt)
            process_due_transmissions()
        Transmission.objects.filter(state="recorded").update(lease_until=timezone.now() - timedelta(seconds=1))
    process_due_transmissions()
    local_day = first.astimezone(ZoneInfo(ZONE)).day
    assert kept(cast, wearer[0]) == {
        "charted": [0],
        "window": [0],
        "alert": [0],
        "to send": [0],
        "days": [(local_day, 0)],
    }
    assert verify_chain(cast.highland.id).ok


def test_a_day_that_had_only_a_repeat_is_not_counted(
    cast: Cast, wearer: tuple[UUID, str], measure: Callable[[datetime], None]
) -> None:
    before_midnight = day_before(3, 23, 59, 40)
    measure(before_midnight + timedelta(seconds=35))
    process_due_transmissions()
    (day,) = kept(cast, wearer[0])["days"]
    measure(before_midnight)
    process_due_transmissions()
    assert kept(cast, wearer[0])["days"] == [(before_midnight.astimezone(ZoneInfo(ZONE)).day, 40)]
    assert day[1] == 15


def interrupt(*_args: object, **_values: object) -> None:
    raise KeyboardInterrupt

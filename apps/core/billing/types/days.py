"""Device-days, and the months that are not final."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OpenPeriod:
    """A calendar month of a patient that is not final, with the device-days counted so far."""

    first_day: date
    device_days: int


@dataclass(frozen=True)
class DeviceDayInput:
    """A reading that makes its local date a device-day of the patient."""

    patient_id: UUID
    local_date: date
    observation_id: UUID

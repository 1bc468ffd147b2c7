"""What archiving a patient does."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from apps.core.billing.types import OpenPeriod
from apps.core.triage.types import AlertLine


class ArchiveReason(StrEnum):
    """The reasons that are offered (ARC-03). The value is how a record states it."""

    DECEASED = "Patient deceased"
    DISCHARGED = "Discharged from RPM"
    TRANSFERRED = "Transferred to another provider"
    REQUESTED = "Patient request"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class WornDevice:
    """A device that a patient wears. The serial is PHI."""

    device_id: UUID
    assignment_id: UUID
    model: str
    serial: str


@dataclass(frozen=True, slots=True)
class ArchiveImpact:
    """What archiving a patient finalises, closes and releases. PHI."""

    billing_periods: tuple[OpenPeriod, ...]
    alerts: tuple[AlertLine, ...]
    devices: tuple[WornDevice, ...]

    @property
    def fingerprint(self) -> str:
        """Differs when archiving would do something else. Says nothing about it."""
        named = [
            *sorted(f"{period.first_day}/{period.device_days}" for period in self.billing_periods),
            *sorted(f"{alert.id}/{alert.severity}/{alert.seen}" for alert in self.alerts),
            *sorted(str(device.assignment_id) for device in self.devices),
        ]
        return sha256("\n".join(named).encode()).hexdigest()


class ImpactChanged(Exception):
    """Archiving would do something else than was shown; nothing was done."""

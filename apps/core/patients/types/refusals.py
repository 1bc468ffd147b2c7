"""Why a service of patients refuses: stable, and without a value in the text."""

from datetime import datetime
from uuid import UUID


class NotFound(Exception):
    """There is no such row in this practice; a page answers 404."""


class MrnTaken(Exception):
    """Another patient of the practice has this MRN; `held_by` is that patient's id."""

    def __init__(self, held_by: UUID | None = None) -> None:
        """Remember who has it."""
        super().__init__("another patient has this MRN")
        self.held_by = held_by


class IdentifierTaken(Exception):
    """Another patient of the practice has this number in that system; `held_by` is that patient's id."""

    def __init__(self, system: str, held_by: UUID | None = None) -> None:
        """Remember the system, and who has the number."""
        super().__init__(f"another patient has this identifier of {system}")
        self.system = system
        self.held_by = held_by


class SerialTaken(Exception):
    """The serial number is already registered."""


class SerialMismatch(Exception):
    """The two entries of the serial number differ."""


class AssignmentOverlap(Exception):
    """The device is worn by someone during a part of the asked period."""


class DeviceWorn(AssignmentOverlap):
    """The device that was named by its serial is worn by someone then or later; who that is, is not said."""

    def __init__(self, device_id: UUID) -> None:
        """Remember the device."""
        super().__init__("the device is worn")
        self.device_id = device_id


class InvalidPatient(Exception):
    """An entry breaks a rule. `faults` maps field names to stable codes and holds no value."""

    def __init__(self, faults: dict[str, str]) -> None:
        """Remember which fields, and why."""
        super().__init__("invalid patient: " + ", ".join(sorted(faults)))
        self.faults = faults


class StaleVersion(Exception):
    """Someone else changed the row after it was shown; `current` is the version that stands now."""

    def __init__(self, current: int) -> None:
        """Remember the newer version."""
        super().__init__(f"version {current} stands now")
        self.current = current


class AlreadyArchived(Exception):
    """Somebody archived the patient before; since when and by whom."""

    def __init__(self, at: datetime | None, by_id: UUID | None) -> None:
        """Remember the first archiving."""
        super().__init__("already archived")
        self.at = at
        self.by_id = by_id


class AlreadyDecided(Exception):
    """Somebody decided about the record before; when and who."""

    def __init__(self, at: datetime, by_id: UUID | None) -> None:
        """Remember the first decision."""
        super().__init__("already decided")
        self.at = at
        self.by_id = by_id


class NotArchived(Exception):
    """The patient is active: there is nothing to restore."""


class InvalidDevice(Exception):
    """The serial number or the model cannot be one. The text names the field."""


class InvalidPeriod(Exception):
    """A period ends before it begins, or begins where it may not."""

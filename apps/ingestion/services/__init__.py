"""The write door of ingestion: intake, the journey, the quarantine, and the dead."""

from apps.ingestion.services.intake import accept_transmission
from apps.ingestion.services.journey import process_due_transmissions
from apps.ingestion.services.quarantine import release_matched_readings, resolve_quarantined
from apps.ingestion.services.refusals import record_refusal
from apps.ingestion.services.rescue import revive_transmissions
from apps.ingestion.services.throttle import admit_delivery

__all__ = [
    "accept_transmission",
    "admit_delivery",
    "process_due_transmissions",
    "record_refusal",
    "release_matched_readings",
    "resolve_quarantined",
    "revive_transmissions",
]

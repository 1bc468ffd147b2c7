"""The write door of the audit trail, and the proofs that nobody rewrote it."""

from apps.foundation.audit.services.chains import open_detail, record_verdict, verify_chain, verify_trail
from apps.foundation.audit.services.checkpoints import (
    checkpoint_due,
    has_second_place,
    public_keys,
    store_checkpoint,
)
from apps.foundation.audit.services.writing import (
    Batch,
    Change,
    append,
    batch,
    change,
    record_disclosure,
    record_event,
    record_further_disclosure,
    record_look,
)

__all__ = [
    "Batch",
    "Change",
    "append",
    "batch",
    "change",
    "checkpoint_due",
    "has_second_place",
    "open_detail",
    "public_keys",
    "record_disclosure",
    "record_event",
    "record_further_disclosure",
    "record_look",
    "record_verdict",
    "store_checkpoint",
    "verify_chain",
    "verify_trail",
]

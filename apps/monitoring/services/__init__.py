"""The write door of monitoring: the exchange of keys, and the acts of an auditor."""

from apps.monitoring.services.trail import (
    ask_verification,
    put_checkpoint_away,
    start_export,
    verify_asked,
    verify_chains,
    verify_practice,
)

__all__ = [
    "ask_verification",
    "put_checkpoint_away",
    "start_export",
    "verify_asked",
    "verify_chains",
    "verify_practice",
]

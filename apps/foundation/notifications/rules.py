"""What a notification may say: pure."""

import re

KINDS = frozenset(
    {
        "critical_alert",
        "warning_alert",
        "unverified_critical",
        "quarantine",
        "compliance",
        "cosign_request",
        "order_awaited",
    }
)
_KIND = re.compile(r"^[a-z_]{3,40}$")


def check_kind(kind: str) -> str:
    """The kind, if it is one of the catalogue. Raises ValueError otherwise, so that no free text can leave."""
    if kind not in KINDS or not _KIND.match(kind):
        raise ValueError("the kind of a notification comes from the catalogue")
    return kind

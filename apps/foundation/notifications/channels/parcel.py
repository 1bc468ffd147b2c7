"""What a channel is handed, and what it hands back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from apps.foundation.notifications.rules import Answer
from apps.foundation.notifications.types import Channel, Message


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message and where it goes: a token, a subscription as JSON, or an address."""

    channel: Channel
    message: Message
    address: str
    expires_at: datetime
    uses_sandbox: bool = False

    def __repr__(self) -> str:
        """The address stays out of every log."""
        return f"<Parcel {self.channel} {self.message.id}>"


Sender = Callable[[Parcel], tuple[Answer, str]]
"""Returns the answer, and what was sent as JSON without the address."""

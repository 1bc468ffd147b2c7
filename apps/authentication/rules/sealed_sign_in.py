"""What stands where a patient's sign-in address would be PHI: pure decisions (decision 21)."""

from uuid import UUID

_DOMAIN = "patient.invalid"
"""Reserved by RFC 2606, so that no mail can ever be sent there."""

DISPLAY_NAME = "Patient"
"""What the account is called wherever people are named: the patient's own name stands sealed in their record."""


def placeholder_for(user_id: UUID) -> str:
    """What the account's own e-mail column holds. It says nothing of the person."""
    return f"{user_id.hex}@{_DOMAIN}"


def is_placeholder(email: str) -> bool:
    """Whether this is no address of anybody's, so that it neither signs in nor gets mail."""
    return email.strip().casefold().endswith(f"@{_DOMAIN}")

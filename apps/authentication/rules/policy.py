"""What a practice's policy asks of a person: pure decisions."""

from apps.authentication.types import PolicyChoice, Role


def second_factor_required(role: str, policy: PolicyChoice) -> bool:
    """Whether someone with this role has to prove a second factor."""
    return Role(role) in policy.second_factor_roles

"""Reading who has a second factor and who owes one."""

from uuid import UUID

from apps.authentication.models import Membership, RecoveryCode, TotpDevice
from apps.authentication.rules.policy import second_factor_required
from apps.authentication.selectors.policy import policy_of
from apps.authentication.types.attempts import NextStep, SecondFactorState


def has_second_factor(user_id: UUID) -> bool:
    """Whether signing in asks this person for a code."""
    return TotpDevice.objects.filter(user_id=user_id, confirmed=True).exists()


def owes_second_factor(user_id: UUID) -> bool:
    """Whether a practice where the person works asks their role for one. The strictest of their practices decides."""
    rows = Membership.objects.filter(user_id=user_id, is_active=True).select_related("practice__sign_in_policy")
    return any(second_factor_required(row.role, policy_of(row.practice)) for row in rows)


def next_step_of(user_id: UUID) -> NextStep:
    """What the person owes beside the right password."""
    if has_second_factor(user_id):
        return NextStep.CODE
    return NextStep.ENROL if owes_second_factor(user_id) else NextStep.NOTHING


def second_factor_of(user_id: UUID) -> SecondFactorState:
    """The person's second factor for their own account page."""
    enrolled = TotpDevice.objects.filter(user_id=user_id, confirmed=True).first()
    left = RecoveryCode.objects.filter(user_id=user_id, used_at__isnull=True).count() if enrolled else 0
    return SecondFactorState(
        enrolled_at=enrolled.created_at if enrolled else None,
        codes_left=left,
        is_required=owes_second_factor(user_id),
    )

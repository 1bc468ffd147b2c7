"""One refresh token in eight hands at once: one gets the next pair (security.md part 0 tells of stock parts)."""

from apps.authentication.models import RefreshToken, TokenFamily
from apps.authentication.services import issue_tokens, rotate_tokens
from apps.authentication.types import TokenRefused
from apps.foundation.audit.models import AuditLog
from tests.cast import assemble

ROUNDS, HANDS = 20, 8


def test_of_eight_at_once_one_wins_in_every_round(at_once):
    practice = assemble().highland

    def sign_in(_: int) -> str:
        pair = issue_tokens(user_id=practice.people["nurse"], practice_id=practice.id, ip="", client="")
        return pair.refresh

    def refresh(text: str):
        def attempt(_: int) -> str:
            try:
                return rotate_tokens(refresh=text, ip="").refresh
            except TokenRefused as refusal:
                return refusal.reason

        return attempt

    for _ in range(ROUNDS):
        (first,) = at_once(1, sign_in)
        answers = at_once(HANDS, refresh(first))
        won = [answer for answer in answers if answer.startswith("vxr_")]
        assert len(won) == 1, answers
        assert set(answers) - set(won) == {"reuse"}
        assert at_once(1, refresh(won[0])) == ["revoked"], "the family of a copied token is over"

    (counts,) = at_once(1, lambda _: (RefreshToken.objects.count(), TokenFamily.objects.count(), reuses()))
    assert counts == (2 * ROUNDS, ROUNDS, ROUNDS * (HANDS - 1))


def reuses() -> int:
    return AuditLog.objects.filter(action="auth.token_reuse").count()

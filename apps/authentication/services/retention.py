"""Rows of sign-ins that ended long ago."""

from datetime import datetime

from django.db.models import Q

from apps.authentication.models import RefreshToken, SignedInSession, SignInChallenge, TokenFamily
from apps.authentication.rules.sessions import ABSOLUTE_LIMIT, KEPT_AFTER_END


def forget_ended_sign_ins(now: datetime) -> int:
    """Sessions, families with their tokens, and challenges that ended long enough ago are gone; how many rows.

    A browser that was closed and never came back was never told its end: its limit is the end.
    """
    oldest = now - KEPT_AFTER_END
    ended = Q(ended_at__lt=oldest) | Q(ended_at__isnull=True, created_at__lt=oldest - ABSOLUTE_LIMIT)
    families = Q(revoked_at__lt=oldest) | Q(expires_at__lt=oldest)
    dead = (
        SignedInSession.objects.filter(ended),
        RefreshToken.objects.filter(family__in=TokenFamily.objects.filter(families)),
        TokenFamily.objects.filter(families),
        SignInChallenge.objects.filter(expires_at__lt=oldest),
    )
    return sum(rows.delete()[0] for rows in dead)

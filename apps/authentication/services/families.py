"""The ends of token families: every token of one sign-in over the API, or of all of a person's."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.authentication.models import TokenFamily
from apps.authentication.services.events import record_account_event
from apps.authentication.types import EndReason
from apps.foundation.tenancy.types import Actor


def revoke_families(user_id: UUID, *, reason: EndReason | str, by: Actor) -> int:
    """No token of this person works any longer; how many families that ended."""
    return revoke_which(Q(user_id=user_id), user_id, reason, by=by)


def revoke_family(family_id: UUID, *, user_id: UUID, reason: EndReason | str, by: Actor) -> int:
    """As revoke_families, for one of the person's."""
    return revoke_which(Q(id=family_id, user_id=user_id), user_id, reason, by=by)


def revoke_which(which: Q, user_id: UUID, reason: EndReason | str, *, by: Actor) -> int:
    """As revoke_families, for those that fit. For this app's own services."""
    now = timezone.now()
    with transaction.atomic():
        alive = TokenFamily.objects.filter(which, revoked_at__isnull=True, expires_at__gt=now)
        ended = alive.update(revoked_at=now, revoke_reason=str(reason))
        if ended:
            record_account_event("auth.tokens_revoked", user_id=user_id, by=by, reason=str(reason), families=ended)
    return ended

"""Reading the keys of services."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from apps.authentication.models import ApiKey
from apps.authentication.rules.tokens import scopes_of_key
from apps.authentication.selectors.people import members_by_id
from apps.authentication.types import ApiKeyRef, Permission
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor


def list_api_keys(*, by: Actor) -> list[ApiKeyRef]:
    """The keys of the practice in scope, the newest first, those that are over included."""
    by.require(Permission.API_KEY_ISSUE)
    rows = list(ApiKey.objects.filter(practice_id=current_practice_id()).order_by("-created_at", "-id"))
    people = members_by_id({row.created_by_id for row in rows})
    return [
        ApiKeyRef(
            id=row.id,
            name=row.name,
            prefix=row.prefix,
            scopes=tuple(sorted(scopes_of_key(row.scopes))),
            issued_by=people[row.created_by_id].full_name if row.created_by_id in people else "",
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            revoked_at=row.revoked_at,
        )
        for row in rows
    ]


def count_live_keys_of(user_id: UUID, now: datetime) -> int:
    """How many keys of the practice in scope this person issued that still let a service in."""
    rows = ApiKey.objects.filter(practice_id=current_practice_id(), created_by_id=user_id)
    return rows.filter(revoked_at__isnull=True, expires_at__gt=now).count()


def api_key_names(key_ids: Collection[UUID]) -> dict[UUID, str]:
    """What the practice in scope calls these keys: an actor's id may be a key's. No query for none."""
    if not key_ids:
        return {}
    rows = ApiKey.objects.filter(practice_id=current_practice_id(), id__in=set(key_ids))
    return dict(rows.values_list("id", "name"))

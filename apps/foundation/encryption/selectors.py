"""What may be told of keys: numbers, states and ages; never a key."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from apps.foundation.encryption.keyring import root_keys
from apps.foundation.encryption.models import DataKey, RootSighting
from apps.foundation.encryption.rotation import newest_rotations
from apps.foundation.encryption.rules import age_in_days, judge_age
from apps.foundation.encryption.types import KeyAge, KeyFacts, KeyState, Purpose, RootFacts, RotationProgress

__all__ = ["age_of", "list_keys", "list_roots", "list_rotations"]


def list_keys(practice_id: UUID) -> list[KeyFacts]:
    """The keys of one practice (or the platform), destroyed ones too, by purpose, the newest first."""
    order = {purpose.value: place for place, purpose in enumerate(Purpose)}
    rows = DataKey.objects.filter(practice_id=practice_id).order_by("-key_number")
    return [
        KeyFacts(
            row.practice_id,
            Purpose(row.purpose),
            row.key_number,
            KeyState(row.state),
            row.root_fingerprint,
            row.created_at,
            row.destroyed_at,
        )
        for row in sorted(rows, key=lambda row: order[row.purpose])
    ]


def list_roots() -> list[RootFacts]:
    """The configured root keys, the one in force first, then others under which keys stand all the same."""
    live = DataKey.objects.exclude(state=KeyState.DESTROYED)
    wraps = dict(live.values_list("root_fingerprint").annotate(Count("id")))
    seen = dict(RootSighting.objects.values_list("fingerprint", "first_seen_at"))
    configured = [root.fingerprint for root in root_keys()]
    known = [*configured, *sorted(wraps.keys() - set(configured))]
    return [RootFacts(name, name == configured[0], seen.get(name), wraps.get(name, 0)) for name in known]


def list_rotations(practice_ids: Iterable[UUID]) -> list[RotationProgress]:
    """The latest exchange of each key of these practices."""
    return list(newest_rotations(practice_ids))


def age_of(since: datetime, now: datetime) -> tuple[int, KeyAge]:
    """The age of a key in days, and whether that is too much."""
    days = age_in_days(since, now)
    return days, judge_age(days)

"""Keys as an administrator reads them: those of the practice in scope, the platform's, and the root above both."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.authentication.types import Permission
from apps.foundation.encryption.selectors import age_of, list_keys, list_roots, list_rotations
from apps.foundation.encryption.types import KeyAge, KeyFacts, KeyState, Purpose, RootFacts, RotationProgress
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import PLATFORM_ID, Actor

_OF_THEIR_OWN_AGE = {Purpose.DATA, Purpose.INDEX}
"""Keys of the trail are only wrapped anew: rows of the trail are never rewritten."""


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key, its age, and the judgement of it; None where only the root's age counts."""

    key: KeyFacts
    days: int
    judged: KeyAge | None


@dataclass(frozen=True, slots=True)
class RootLine:
    """A root key, and its age where that is known."""

    root: RootFacts
    days: int | None
    judged: KeyAge | None


@dataclass(frozen=True, slots=True)
class KeyPage:
    """What the key page shows."""

    roots: list[RootLine]
    of_practice: list[KeyLine]
    of_platform: list[KeyLine]
    rotations: list[RotationProgress]
    webhook_secrets: int

    @property
    def worst(self) -> KeyAge:
        """The worst judgement of a key that is in use."""
        judged = {line.judged for line in (*self.roots, *self.of_practice, *self.of_platform)}
        return next((age for age in (KeyAge.OVERDUE, KeyAge.SOON) if age in judged), KeyAge.FRESH)


def key_page(*, by: Actor, now: datetime | None = None) -> KeyPage:
    """The keys that concern the actor's practice. Raises NotPermitted."""
    by.require(Permission.KEY_READ)
    now = now or timezone.now()
    practice_id = current_practice_id()
    return KeyPage(
        roots=[_root_line(root, now) for root in list_roots()],
        of_practice=_lines(practice_id, now),
        of_platform=_lines(PLATFORM_ID, now),
        rotations=sorted(list_rotations([practice_id, PLATFORM_ID]), key=lambda one: one.started_at, reverse=True),
        webhook_secrets=len(settings.MIO_WEBHOOK_SECRETS),
    )


def _lines(practice_id: UUID, now: datetime) -> list[KeyLine]:
    return [_line(key, now) for key in list_keys(practice_id)]


def _line(key: KeyFacts, now: datetime) -> KeyLine:
    days, judged = age_of(key.created_at, now)
    counts = key.state is KeyState.PRIMARY and key.purpose in _exchanged(key.practice_id)
    return KeyLine(key, days, judged if counts else None)


def _exchanged(practice_id: UUID) -> set[Purpose]:
    """The platform's index key finds devices before a practice is known, and is only wrapped anew."""
    return {Purpose.DATA} if practice_id == PLATFORM_ID else _OF_THEIR_OWN_AGE


def _root_line(root: RootFacts, now: datetime) -> RootLine:
    if root.first_seen_at is None:
        return RootLine(root, None, None)
    days, judged = age_of(root.first_seen_at, now)
    return RootLine(root, days, judged if root.in_force else None)

"""Reading who is kept out for now."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from apps.authentication.models import Membership, SignInCounter
from apps.authentication.rules.lockout import normalised_name
from apps.authentication.types import CounterKind, Role
from apps.authentication.types.attempts import LockedAccount
from apps.foundation.encryption.services import PLATFORM_ID, mac
from apps.foundation.encryption.types import Purpose


def counter_key(kind: CounterKind, name: str) -> str:
    """Under what failures of an e-mail or address are counted: a keyed hash, so that no typed name is kept."""
    return mac(PLATFORM_ID, Purpose.INDEX, f"sign-in\x00{kind.value}\x00{normalised_name(name)}".encode()).hex()


def locks_of(emails: Collection[str], now: datetime) -> dict[str, datetime]:
    """Until when each of these accounts is locked; those that are not are left out. One query."""
    return {email: row.locked_until for email, row in _locked(emails, now).items() if row.locked_until is not None}


def locked_accounts(practice_id: UUID) -> list[LockedAccount]:
    """The colleagues of the practice who are kept out now, by name."""
    team = Membership.objects.filter(practice_id=practice_id, is_active=True).exclude(role=Role.PATIENT)
    rows = team.select_related("user")
    people = {row.user.email: row.user for row in rows.order_by("user__full_name", "user_id")}
    locked = _locked(people, timezone.now())
    return [
        LockedAccount(person.id, person.full_name, locked[email].failures, locked[email].locked_until)
        for email, person in people.items()
        if email in locked
    ]


def _locked(emails: Collection[str], now: datetime) -> dict[str, SignInCounter]:
    keys = {counter_key(CounterKind.ACCOUNT, email): email for email in emails}
    if not keys:
        return {}
    rows = SignInCounter.objects.filter(kind=CounterKind.ACCOUNT, key__in=keys, locked_until__gt=now)
    return {keys[row.key]: row for row in rows}

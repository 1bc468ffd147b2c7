"""To whom a notification goes, by which ways, and when: pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.foundation.notifications.types import (
    Channel,
    Group,
    Kind,
    Means,
    PracticePolicy,
    Preferences,
    QuietHours,
    Recipient,
    Urgency,
)

URGENT_PUSH_LIVES = timedelta(minutes=15)
"""Afterwards a push comes too late to be of use, and an e-mail goes instead (security.md, outbox)."""

PUSH_LIVES = timedelta(hours=4)
MAIL_LIVES = timedelta(hours=72)
STALE_AFTER = timedelta(hours=24)
"""What waited this long, for want of a worker, goes to the bell only; critical matters go out all the same."""

NOTHING: frozenset[Means] = frozenset()
PUSH, MAIL = frozenset({Means.PUSH}), frozenset({Means.EMAIL})

# Who watches wants critical matters in their pocket and the rest at their desk; who oversees reads mail.
_BY_DEFAULT: dict[Group, frozenset[Means]] = {
    Group.CRITICAL: PUSH,
    Group.WARNINGS: NOTHING,
    Group.MESSAGES: PUSH,
    Group.TASKS: NOTHING,
    Group.OVERSIGHT: MAIL,
}
_OUTSIDE = "patient"
_OF_ROLE: dict[str, dict[Group, frozenset[Means]]] = {
    # An administrator answers for the practice and not for its clinic.
    "admin": {**_BY_DEFAULT, Group.CRITICAL: NOTHING, Group.MESSAGES: NOTHING},
    # Who is looked after reads mail that says to sign in, and never sees the matters of the team.
    _OUTSIDE: dict.fromkeys(Group, MAIL),
}


@dataclass(frozen=True, slots=True)
class Planned:
    """One delivery to make; held back until `held_until` where that is given."""

    channel: Channel
    target_id: UUID
    expires_at: datetime | None
    held_until: datetime | None = None


def default_means(role: str, group: Group) -> frozenset[Means]:
    """How somebody of this role is told where neither they nor the practice chose."""
    return _OF_ROLE.get(role, _BY_DEFAULT)[group]


def means_for(role: str, group: Group, chosen: Preferences, policy: PracticePolicy) -> frozenset[Means]:
    """How this person is told of this group: as they chose, else the practice, else by role.

    What the practice chooses is for its team. Where it insists, who is pushed critical matters by role can't switch
    that off.
    """
    by_role = default_means(role, group)
    wanted = chosen.means.get(group)
    if wanted is None:
        wanted = by_role if role == _OUTSIDE else policy.means.get(group, by_role)
    if group is Group.CRITICAL and policy.critical_always_pushed and Means.PUSH in by_role:
        return wanted | PUSH
    return wanted


def quiet_until(quiet: QuietHours | None, zone: str, now: datetime) -> datetime | None:
    """When the quiet hours end that `now` lies in; None outside of them. The start is quiet, the end is not."""
    if quiet is None or quiet.starts == quiet.ends:
        return None
    local = now.astimezone(ZoneInfo(zone))
    clock = local.time().replace(tzinfo=None)
    past_midnight = quiet.starts > quiet.ends
    if past_midnight:
        inside, next_day = clock >= quiet.starts or clock < quiet.ends, clock >= quiet.starts
    else:
        inside, next_day = quiet.starts <= clock < quiet.ends, False
    if not inside:
        return None
    day = local.date() + timedelta(days=1 if next_day else 0)
    return datetime.combine(day, quiet.ends, ZoneInfo(zone)).astimezone(UTC)


def plan(
    kind: Kind,
    urgency: Urgency,
    person: Recipient,
    *,
    chosen: Preferences,
    policy: PracticePolicy,
    destinations: Iterable[tuple[UUID, Channel]],
    practice_zone: str,
    now: datetime,
    is_stale: bool = False,
) -> list[Planned]:
    """The deliveries of one notification to one person. The bell is always one of them.

    A critical or urgent matter for somebody without a phone or browser goes by e-mail instead of by push.
    """
    planned = [Planned(Channel.IN_APP, person.person_id, None)]
    urgent = urgency is Urgency.HIGH
    if is_stale and not urgent:
        return planned
    means = means_for(person.role, kind.group, chosen, policy)
    held = quiet_until(chosen.quiet, chosen.time_zone or practice_zone, now)
    insists = kind.group is Group.CRITICAL and policy.critical_always_pushed
    if urgent and (chosen.urgent_breaks_quiet or insists):
        held = None
    places = tuple(destinations) if Means.PUSH in means else ()
    lives = URGENT_PUSH_LIVES if urgent else PUSH_LIVES
    planned += [Planned(channel, target, (held or now) + lives, held) for target, channel in places]
    instead = Means.PUSH in means and not places and (urgent or kind.group is Group.CRITICAL)
    if Means.EMAIL in means or instead:
        planned.append(Planned(Channel.EMAIL, person.person_id, now + MAIL_LIVES))
    return planned


def addressed(kind: Kind, named: UUID | None, urgency: Urgency, people: Collection[Recipient]) -> list[Recipient]:
    """Who is told: who is named, else who may act on it.

    An urgent matter always finds somebody: who left is replaced by those who may act on it, and where nobody may, by
    those who read the log of deliveries. A personal one is nobody else's.
    """
    if named is not None:
        found = [person for person in people if person.person_id == named]
        if found or kind.is_personal or urgency is Urgency.NORMAL:
            return found
    may = [person for person in people if kind.permission in person.permissions]
    if may or urgency is Urgency.NORMAL:
        return may
    return [person for person in people if "notification.log" in person.permissions]


def needs_mail_instead(outcomes: Mapping[UUID, bool], *, urgency: Urgency, has_mail: bool) -> bool:
    """Whether an e-mail has to follow: an urgent matter reached none of the places that it was pushed to."""
    return urgency is Urgency.HIGH and not has_mail and bool(outcomes) and not any(outcomes.values())

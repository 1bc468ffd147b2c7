"""Reading how people and their practice want to be told. About staff and their own pages: nothing here is PHI."""

from collections.abc import Collection, Mapping
from uuid import UUID

from apps.foundation.notifications.models import NotificationPolicy, NotificationPreference
from apps.foundation.notifications.types import Group, Means, PracticePolicy, Preferences, QuietHours


def policy_in_scope() -> PracticePolicy:
    """What the practice in scope chose; the defaults where it chose nothing."""
    row = NotificationPolicy.objects.first()
    return PracticePolicy() if row is None else PracticePolicy(read_means(row.means), row.critical_always_pushed)


def preferences_of(person_id: UUID) -> Preferences:
    """What one person of the practice in scope chose."""
    return preferences_by_person([person_id]).get(person_id, Preferences())


def preferences_by_person(person_ids: Collection[UUID] | None = None) -> dict[UUID, Preferences]:
    """What the named people of the practice in scope chose, or everybody; who chose nothing is not in it."""
    rows = NotificationPreference.objects.all()
    if person_ids is not None:
        rows = rows.filter(person_id__in=set(person_ids))
    return {row.person_id: _preferences(row) for row in rows}


def read_means(stored: Mapping[str, list[str]]) -> dict[Group, frozenset[Means]]:
    """The column as the rules know it; groups and means of another version are left out."""
    known = {group.value for group in Group}
    means = {one.value for one in Means}
    return {
        Group(group): frozenset(Means(one) for one in chosen if one in means)
        for group, chosen in stored.items()
        if group in known
    }


def _preferences(row: NotificationPreference) -> Preferences:
    quiet = None
    if row.quiet_from is not None and row.quiet_until is not None:
        quiet = QuietHours(row.quiet_from, row.quiet_until)
    return Preferences(read_means(row.means), quiet, row.time_zone, row.urgent_breaks_quiet)

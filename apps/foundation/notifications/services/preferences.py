"""Changing how people and their practice want to be told."""

from collections.abc import Mapping
from uuid import UUID

from apps.foundation.audit import services as audit
from apps.foundation.notifications.models import NotificationPolicy, NotificationPreference
from apps.foundation.notifications.types import Group, Means, PracticePolicy, Preferences
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor, NotPermitted

_CONFIGURES = "practice.configure"


def change_preferences(*, preferences: Preferences, by: Actor) -> None:
    """The actor is told exactly so from now on; what changes nothing leaves no row of the log."""
    person_id: UUID | None = by.person_id
    if person_id is None:
        raise NotPermitted("person")
    with audit.change("notification.preferences_change", subject=("user", person_id), by=by) as log:
        rows = NotificationPreference.objects.select_for_update()
        row = rows.filter(person_id=person_id).first() or NotificationPreference(person_id=person_id)
        row.means = _stored(preferences.means)
        row.quiet_from = preferences.quiet.starts if preferences.quiet else None
        row.quiet_until = preferences.quiet.ends if preferences.quiet else None
        row.time_zone = preferences.time_zone
        row.urgent_breaks_quiet = preferences.urgent_breaks_quiet
        if row.has_changes():
            row.save()
        else:
            log.cancel()


def change_policy(*, policy: PracticePolicy, by: Actor) -> None:
    """The practice in scope tells its people so where they chose nothing; as change_preferences."""
    by.require(_CONFIGURES)
    with audit.change("notification.policy_change", subject=("practice", current_practice_id()), by=by) as log:
        row = NotificationPolicy.objects.select_for_update().first() or NotificationPolicy()
        row.means = _stored(policy.means)
        row.critical_always_pushed = policy.critical_always_pushed
        if row.has_changes():
            row.save()
        else:
            log.cancel()


def _stored(means: Mapping[Group, frozenset[Means]]) -> dict[str, list[str]]:
    return {group.value: sorted(one.value for one in chosen) for group, chosen in sorted(means.items())}

"""The bells of the demonstration: what its history told people lies there, and only the newest is new."""

from datetime import datetime

from apps.authentication import selectors as members
from apps.authentication.types import TEAM_ROLES
from apps.foundation.notifications.selectors import bell_page
from apps.foundation.notifications.services import make_due_deliveries, mark_seen
from apps.foundation.tenancy.selectors import list_practices
from apps.foundation.tenancy.services import scope

_STILL_NEW = 3


def settle_notifications(now: datetime) -> None:
    """Everything that was queued lies in the bells; no mail and no push goes out for the past."""
    while make_due_deliveries(only_bell=True):
        pass
    for practice in list_practices():
        with scope(practice.id):
            for member in members.list_members(roles=TEAM_ROLES):
                by = members.actor_for(member.id, practice.id)
                if by is not None:
                    newest = bell_page(by=by, page=1, page_size=_STILL_NEW)
                    mark_seen(by=by, now=now, keep=[notice.id for notice in newest.rows])

"""Who looked at the patient's own record, from the trail that nobody can change."""

from datetime import datetime, timedelta

from apps.authentication.selectors import members_by_id
from apps.authentication.types import Permission, Role
from apps.core.patients import selectors as patients
from apps.core.patients.selectors.wording import ACTION_LABELS
from apps.foundation.audit import selectors as trail
from apps.foundation.audit import services as audit
from apps.foundation.audit.types import TrailCriteria
from apps.foundation.tenancy.selectors import get_practice
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor
from apps.portal.rules import seen_by_day
from apps.portal.types import SeenBy, SeenRow

LOOK_BACK = timedelta(days=90)
ROWS = 1_000
_WRITTEN = (*ACTION_LABELS, "message.send", "message.open", "call.record", "alert.resolve", "alert.acknowledge")


def who_saw(*, by: Actor, now: datetime) -> tuple[SeenBy, ...]:
    """Who of the practice opened or changed the record in the last 90 days, a line for each person and day.

    The patient's own visits are left out; the look at the trail is recorded. A constant number of queries.
    """
    patient_id = patients.own_patient_id(by)
    subject = ("patient", patient_id)
    asked = TrailCriteria(subject=subject, since=now - LOOK_BACK, by_people=True)
    found = trail.trail_page(asked, by=by, permission=Permission.PORTAL_USE, page_size=ROWS)
    audit.record_look("portal.visits", subjects=[subject], by=by, detail={})
    rows = [row for row in found.rows if row.actor_id != by.user_id and row.actor_role != Role.PATIENT]
    people = members_by_id({row.actor_id for row in rows if row.actor_id is not None})
    named = (
        SeenRow(
            at=row.occurred_at,
            who=people[row.actor_id].full_name if row.actor_id in people else "",
            role=row.actor_role,
            action=row.action,
        )
        for row in rows
    )
    return seen_by_day(named, _WRITTEN, get_practice(current_practice_id()).time_zone)

"""The audit rows of signing in, which may come before a practice is known."""

from typing import Any
from uuid import UUID

from apps.authentication.selectors import membership_for
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.services import scope
from apps.foundation.tenancy.types import Actor


def record_account_event(action: str, *, user_id: UUID | None, by: Actor, **detail: Any) -> None:
    """The audit trail of the person's practice says that this happened; the platform's, for nobody we know."""
    practice_id = by.practice_id
    if practice_id is None and user_id is not None:
        membership = membership_for(user_id)
        practice_id = membership.practice_id if membership else None
    subject = None if user_id is None else ("user", user_id)
    if practice_id is None:
        audit.record_event(action, by=by, subject=subject, detail=detail)
        return
    with scope(practice_id):
        audit.record_event(action, by=by, subject=subject, detail=detail)

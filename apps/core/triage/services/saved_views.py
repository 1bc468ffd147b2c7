"""Boards that somebody keeps under a name of their own."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from apps.core.triage.models import SavedView
from apps.core.triage.types import SavedViewNotFound, SavedViewRefused
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor, NotPermitted

MOST = 20
NAME_MAX = 60


def save_view(*, name: str, criteria: Mapping[str, str], by: Actor, now: datetime) -> UUID:
    """The actor finds the board under this name; one of the same name is replaced. Its id is returned.

    `criteria` has the level, the panel, the ordering and whether only what nobody has taken is shown; never a search.
    Raises SavedViewRefused for a name that is missing or too long, and for one view too many.
    """
    person = _person(by)
    wanted = " ".join(name.split())
    if not 0 < len(wanted) <= NAME_MAX:
        raise SavedViewRefused("name")
    with audit.change("triage.view_save", subject=("user", person), by=by):
        held = list(SavedView.objects.select_for_update().filter(user_id=person))
        view = next((one for one in held if one.name.casefold() == wanted.casefold()), None)
        if view is None:
            if len(held) >= MOST:
                raise SavedViewRefused("too_many")
            view = SavedView(user_id=person, created_at=now)
        view.name, view.criteria = wanted, dict(criteria)
        view.save()
        return UUID(str(view.id))


def forget_view(*, view_id: UUID, by: Actor) -> None:
    """The actor's view is gone. Raises SavedViewNotFound, also for somebody else's."""
    person = _person(by)
    with audit.change("triage.view_forget", subject=("user", person), by=by):
        view = SavedView.objects.filter(id=view_id, user_id=person).first()
        if view is None:
            raise SavedViewNotFound("view")
        view.delete()


def _person(by: Actor) -> UUID:
    by.require("triage.read")
    if by.person_id is None:
        raise NotPermitted("triage.read")
    return by.person_id

"""The boards that the reader keeps."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from apps.core.triage.models import SavedView
from apps.foundation.tenancy.types import Actor


@dataclass(frozen=True, slots=True)
class SavedViewLine:
    """One of them: `query` is what its address ends with."""

    id: UUID
    name: str
    query: str


def saved_views_of(by: Actor) -> tuple[SavedViewLine, ...]:
    """The boards that the actor keeps, the oldest first. One query."""
    by.require("triage.read")
    if by.person_id is None:
        return ()
    rows = SavedView.objects.filter(user_id=by.person_id).order_by("created_at", "id")
    return tuple(SavedViewLine(row.id, row.name, urlencode(row.criteria)) for row in rows)

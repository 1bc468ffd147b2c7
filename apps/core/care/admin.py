"""The admin's pages of notes: whole only when one is opened."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.core.care.models import Note
from apps.foundation.web.admin import PracticeAdmin, link_to


@admin.register(Note)
class NoteAdmin(PracticeAdmin):
    """Notes. A signed note is edited nowhere, so not here either."""

    disclosed_as = ("patient", "patient_id")
    linked_by = frozenset({"patient"})
    list_display = ("id", "whose", "kind", "written_at", "is_addendum", "cosigned_at")
    list_filter = ("kind", "written_at")
    ordering = ("-written_at", "id")

    @admin.display(description=_("Patient"))
    def whose(self, row: Any) -> str:
        """The patient's id, as a link."""
        return link_to(Note._meta.get_field("patient").related_model, row.patient_id)

    @admin.display(description=_("Addendum"), boolean=True)
    def is_addendum(self, row: Note) -> bool:
        """Whether it adds to another note."""
        return row.addendum_to_id is not None

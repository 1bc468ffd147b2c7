"""The admin's pages of observations: the measured values only when one is opened."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.core.observations.models import Observation
from apps.foundation.web.admin import PracticeAdmin, link_to


@admin.register(Observation)
class ObservationAdmin(PracticeAdmin):
    """Readings as they were recorded."""

    disclosed_as = ("patient", "patient_id")
    linked_by = frozenset({"patient"})
    left_out = frozenset({"effective_minute"})
    list_display = ("id", "whose", "kind", "status", "effective_at", "received_at")
    list_filter = ("kind", "status", "effective_at")
    ordering = ("-effective_at", "id")

    @admin.display(description=_("Patient"))
    def whose(self, row: Any) -> str:
        """The patient's id, as a link."""
        return link_to(Observation._meta.get_field("patient").related_model, row.patient_id)

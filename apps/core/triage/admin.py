"""The admin's pages of alerts and limits."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.core.triage.models import Alert, AlertThreshold
from apps.foundation.web.admin import PracticeAdmin, link_to


class OfPatientAdmin(PracticeAdmin):
    """What triage keeps about a patient."""

    disclosed_as = ("patient", "patient_id")
    linked_by = frozenset({"patient"})

    @admin.display(description=_("Patient"))
    def whose(self, row: Any) -> str:
        """The patient's id, as a link."""
        return link_to(Alert._meta.get_field("patient").related_model, row.patient_id)


@admin.register(Alert)
class AlertAdmin(OfPatientAdmin):
    """Episodes, open and closed."""

    list_display = ("id", "whose", "rule", "severity", "state", "opened_at", "closed_at")
    list_filter = ("severity", "state", "opened_at")
    ordering = ("-opened_at", "id")


@admin.register(AlertThreshold)
class AlertThresholdAdmin(OfPatientAdmin):
    """Limits, each version with the time that it held; those of the practice name no patient."""

    list_display = ("id", "whose", "created_at", "ended_at", "review_by")
    list_filter = ("created_at",)
    ordering = ("-created_at", "id")

"""The admin's pages of patients and of what belongs to one. Deleted patients are seen here and nowhere else."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from apps.core.patients import services
from apps.core.patients.models import (
    CareGoal,
    CareTeamMember,
    ConsentRecord,
    Coverage,
    Device,
    DeviceAssignment,
    Diagnosis,
    EducationRecord,
    EpisodeOfCare,
    ExternalIdentifier,
    Patient,
    RetentionReview,
)
from apps.core.patients.rules.identifiers import shown_value
from apps.core.patients.types import InvalidPatient, NotFound, PatientStatus
from apps.foundation.web.admin import NOTHING, PracticeAdmin, actor_of, link_to

STATUS_NAMES = {
    PatientStatus.ACTIVE: _("Active"),
    PatientStatus.ARCHIVED: _("Archived"),
    PatientStatus.DELETED: _("Deleted"),
}


class StatusFilter(admin.SimpleListFilter):
    """Active, archived or deleted."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """The three states."""
        return [(status.value, name) for status, name in STATUS_NAMES.items()]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The patients in this state."""
        if self.value() == PatientStatus.DELETED:
            return queryset.filter(deleted_at__isnull=False)
        if self.value() == PatientStatus.ARCHIVED:
            return queryset.filter(deleted_at__isnull=True, archived_at__isnull=False)
        if self.value() == PatientStatus.ACTIVE:
            return queryset.filter(deleted_at__isnull=True, archived_at__isnull=True)
        return queryset


class UndeleteForm(forms.Form):
    """Why a deleted patient is to be seen again."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


@admin.register(Patient)
class PatientAdmin(PracticeAdmin):
    """Every patient of the practice, deleted ones among them."""

    list_display = ("id", "status_name", "risk_level", "created_at", "archived_at", "deleted_at")
    list_filter = (StatusFilter, "risk_level")
    ordering = ("-created_at", "id")
    disclosed_as = ("patient", "id")
    fieldsets = (
        (_("Record"), {"fields": ("id", "status_name", "version", "created_at", "updated_at", "belongings")}),
        (
            _("Person"),
            {
                "fields": (
                    "mrn",
                    "first_name",
                    "last_name",
                    "date_of_birth",
                    "gender",
                    "ssn_masked",
                    "phone",
                    "email",
                    "address_lines",
                    "city",
                    "state",
                    "postal_code",
                    "time_zone",
                )
            },
        ),
        (
            _("Care"),
            {
                "fields": (
                    "assigned_provider",
                    "clinical_profile",
                    "monitoring_since",
                    "expected_days_between",
                    "risk_level",
                    "risk_score",
                    "open_alerts",
                    "unacknowledged_alerts",
                    "worst_severity",
                    "is_stale",
                    "last_reading_at",
                    "last_transmission_at",
                )
            },
        ),
        (_("Archived"), {"fields": ("active", "archived_at", "archived_by", "archive_reason")}),
        (_("Deleted"), {"fields": ("deleted_at", "deleted_by")}),
        (_("Search"), {"fields": ("index_recipe", "index_key"), "classes": ("collapse",)}),
    )

    def get_urls(self) -> list[URLPattern]:
        """The list, the row, and the page that takes a deletion back."""
        undelete = self.admin_site.admin_view(self.undelete)
        return [path("<uuid:patient_id>/undelete/", undelete, name="patients_patient_undelete"), *super().get_urls()]

    def undelete(self, request: HttpRequest, patient_id: Any) -> HttpResponse:
        """Ask for the reason; then the patient is seen again: archived, until somebody restores the record."""
        row = self.get_object(request, str(patient_id))
        form = UndeleteForm(request.POST or None)
        address = reverse("admin:patients_patient_change", args=[patient_id])
        gone = row.deleted_at is not None
        if gone and form.is_bound and form.is_valid():
            try:
                services.undelete_patient(
                    patient_id=patient_id, reason=form.cleaned_data["reason"], by=actor_of(request)
                )
            except NotFound:
                gone = False
            except InvalidPatient:
                form.add_error("reason", _("Say why the patient is to be seen again."))
            else:
                messages.success(request, _("The patient is no longer deleted."))
                return HttpResponseRedirect(address)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Undelete this patient?"),
            "opts": self.opts,
            "form": form,
            "row": row,
            "gone": gone,
            "back": address,
        }
        status = 422 if form.errors else 200
        if not gone and form.is_bound:
            status = 409
        return TemplateResponse(request, "admin/patients/patient/undelete.html", context, status=status)

    @admin.display(description=_("Status"))
    def status_name(self, row: Patient) -> str:
        """The state in words."""
        return str(STATUS_NAMES[row.status])

    @admin.display(description=_("SSN"))
    def ssn_masked(self, row: Patient) -> str:
        """The last four digits; the whole number is revealed in the product, which records it."""
        return f"•••-••-{row.ssn[-4:]}" if row.ssn else NOTHING

    @admin.display(description=_("Belongs to it"))
    def belongings(self, row: Patient) -> str:
        """Links to the lists of everything that stands under this patient."""
        lists = (
            (
                reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"),
                link.name,
                row.id,
                str(model._meta.verbose_name_plural).capitalize(),
            )
            for model in self.admin_site._registry
            for link in model._meta.concrete_fields
            if link.related_model is Patient
        )
        return format_html_join(" · ", '<a href="{}?{}__id__exact={}">{}</a>', sorted(lists, key=lambda one: one[3]))


class PartOfRecordAdmin(PracticeAdmin):
    """Something that stands under a patient: opening it tells of that patient."""

    disclosed_as = ("patient", "patient_id")
    linked_by = frozenset({"patient"})
    ordering = ("-id",)

    @admin.display(description=_("Patient"))
    def whose(self, row: Any) -> str:
        """The patient's id, as a link."""
        return link_to(Patient, row.patient_id)


@admin.register(ExternalIdentifier)
class ExternalIdentifierAdmin(PartOfRecordAdmin):
    """Who a patient is in another system. Of a social security number the last four digits (C-41)."""

    fields = ("id", "patient", "system", "type", "value_shown", "is_primary", "created_at")
    list_display = ("id", "whose", "system", "type", "is_primary", "created_at")
    list_filter = ("type", "is_primary")

    @admin.display(description=_("Value"))
    def value_shown(self, row: ExternalIdentifier) -> str:
        """The number as the product shows it: an SSN is revealed there, and the revealing recorded."""
        return shown_value(row.value, row.type, with_ssn=False)


@admin.register(Coverage)
class CoverageAdmin(PartOfRecordAdmin):
    """Insurance policies."""

    list_display = ("id", "whose", "priority", "relationship", "starts_on", "ends_on")
    list_filter = ("priority",)


@admin.register(Diagnosis)
class DiagnosisAdmin(PartOfRecordAdmin):
    """Codes of illnesses."""

    list_display = ("id", "whose", "is_primary", "created_at", "resolved_on")
    list_filter = ("is_primary",)


@admin.register(EpisodeOfCare)
class EpisodeOfCareAdmin(PartOfRecordAdmin):
    """Enrolments."""

    list_display = ("id", "whose", "program", "status", "starts_on", "ends_on", "ordered_at")
    list_filter = ("program", "status")


@admin.register(ConsentRecord)
class ConsentRecordAdmin(PartOfRecordAdmin):
    """What patients agreed to."""

    list_display = ("id", "whose", "program", "version", "language", "method", "given_on", "withdrawn_on")
    list_filter = ("program", "method", "language")


@admin.register(EducationRecord)
class EducationRecordAdmin(PartOfRecordAdmin):
    """What patients were taught."""

    list_display = ("id", "whose", "topic", "taught_on", "created_at")
    list_filter = ("topic",)


@admin.register(CareGoal)
class CareGoalAdmin(PartOfRecordAdmin):
    """What was agreed to be reached."""

    list_display = ("id", "whose", "status", "target_on", "created_at", "closed_at")
    list_filter = ("status",)


@admin.register(CareTeamMember)
class CareTeamMemberAdmin(PartOfRecordAdmin):
    """Who looks after a patient."""

    list_display = ("id", "whose", "member", "team_role", "starts_on", "ends_on")
    list_filter = ("team_role",)
    list_select_related = ("member",)


@admin.register(RetentionReview)
class RetentionReviewAdmin(PartOfRecordAdmin):
    """Archived records whose retention ran out."""

    list_display = ("id", "whose", "due_on", "flagged_at", "decision", "decided_at", "review_again_on")
    list_filter = ("decision",)


@admin.register(DeviceAssignment)
class DeviceAssignmentAdmin(PartOfRecordAdmin):
    """Who wore what when."""

    linked_by = frozenset({"patient", "device"})
    list_display = ("id", "whose", "which", "starts_at", "ends_at", "first_reading_at", "confirmed_at")

    @admin.display(description=_("Device"))
    def which(self, row: DeviceAssignment) -> str:
        """The device's id, as a link."""
        return link_to(Device, row.device_id)


@admin.register(Device)
class DeviceAdmin(PracticeAdmin):
    """The inventory. The serial number is shown on the device's own page only."""

    left_out = frozenset({"serial_tag"})
    disclosed_as = ("device", "id")
    list_display = ("id", "model", "transport", "battery_pct", "last_seen_at", "created_at")
    list_filter = ("model", "transport")
    ordering = ("-created_at", "id")

"""Archiving, restoring and deleting a patient: a dialog over the chart, or a page where there is no JavaScript."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.authentication.selectors import members_by_id
from apps.authentication.types import Permission
from apps.core.care import selectors, services
from apps.core.care.forms.archiving import ArchiveForm, DeleteForm, RestoreForm
from apps.core.care.types import ImpactChanged
from apps.core.patients import selectors as patients
from apps.core.patients.types import AlreadyArchived, NotArchived, NotFound, PatientDetail, PatientStatus
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import go_to, render_page

NOTHING_SEEN = "-"


@guard(Permission.PATIENT_ARCHIVE, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def archive(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Show what archiving does, with names; ask for the reason and the tick; then do exactly what was shown."""
    by = request.actor  # type: ignore[attr-defined]
    if patients.require_banner(patient_id).status is not PatientStatus.ACTIVE:
        return _already(request, patient_id)
    form, changed = ArchiveForm(request.POST or None), False
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        try:
            services.archive_patient(
                patient_id=patient_id,
                reason=form.stated(),
                finalize_billing=entered["finalize_billing"],
                release_devices=entered["release_devices"],
                seen=entered["impact"] or NOTHING_SEEN,
                by=by,
                now=timezone.now(),
            )
        except AlreadyArchived:
            return _already(request, patient_id)
        except ImpactChanged:
            changed = True
        else:
            messages.success(request, _("The patient is archived. The record can be read and no longer changed."))
            return go_to(request, reverse("patients:chart", args=[patient_id]))
    context = {
        "banner": patients.require_banner(patient_id),
        "form": form,
        "impact": selectors.archive_impact(patient_id, by=by),
        "changed": changed,
    }
    return _dialog(request, "care/archive.html", context, status=409 if changed else 422 if form.errors else 200)


@guard(Permission.PATIENT_RESTORE, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask for a justification; then the patient is active again, without devices."""
    by = request.actor  # type: ignore[attr-defined]
    form = RestoreForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chart = reverse("patients:chart", args=[patient_id])
        try:
            services.restore_patient(patient_id=patient_id, reason=form.cleaned_data["reason"], by=by)
        except NotArchived:
            messages.info(request, _("The patient is active already. Nothing was changed."))
            return go_to(request, chart)
        messages.success(request, _("The patient is active again."))
        if not patients.worn_devices(patient_id):
            messages.warning(request, _("Devices must be assigned again: the patient wears none."))
        return go_to(request, chart)
    detail = patients.get_patient(patient_id, by=by)
    context = {"banner": detail.banner, "detail": detail, "archived_by": _archiver(detail), "form": form}
    return _dialog(request, "care/restore.html", context, status=422 if form.errors else 200)


@guard(Permission.PATIENT_DELETE, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask why; then the record is hidden everywhere but in the admin."""
    by = request.actor  # type: ignore[attr-defined]
    form = DeleteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.delete_patient(patient_id=patient_id, reason=form.cleaned_data["reason"], by=by, now=timezone.now())
        messages.success(request, _("The record was deleted. An administrator can bring it back in the admin."))
        return go_to(request, reverse("patients:list"))
    banner = patients.require_banner(patient_id)
    context = {"banner": banner, "form": form, "impact": selectors.archive_impact(patient_id, by=by)}
    return _dialog(request, "care/delete.html", context, status=422 if form.errors else 200)


def _already(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Who was faster, and when."""
    detail = patients.get_patient(patient_id, by=request.actor)  # type: ignore[attr-defined]
    context = {"banner": detail.banner, "detail": detail, "archived_by": _archiver(detail)}
    return _dialog(request, "care/already_archived.html", context, status=409 if request.method == "POST" else 200)


def _archiver(detail: PatientDetail) -> str:
    """The name of whoever archived; empty for the product itself."""
    if detail.archived_by_id is None:
        return ""
    member = members_by_id([detail.archived_by_id]).get(detail.archived_by_id)
    return member.full_name if member else ""


def _dialog(request: HttpRequest, template: str, context: dict[str, Any], *, status: int) -> HttpResponse:
    return render_page(request, template, context, partials=("dialog",), status=status)

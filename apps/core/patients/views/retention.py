"""Archived records: their list, and the queue of those whose retention has run out."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.authentication.selectors import members_by_id
from apps.authentication.types import Permission
from apps.core.patients import selectors, services
from apps.core.patients.forms.retention import ArchivedForm, QueueForm, RetentionForm
from apps.core.patients.tables import ArchivedTable, RetentionTable
from apps.core.patients.types import (
    AlreadyDecided,
    InvalidPatient,
    NotFound,
    PatientFilters,
    PatientStatus,
    RetentionDecision,
)
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import go_to, page_number, posted_or_addressed, render_list, render_page


@guard(Permission.PATIENT_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def archived(request: HttpRequest) -> HttpResponse:
    """The archived patients, the newest first, with the reason, by whom and when. A search is posted."""
    by = request.actor  # type: ignore[attr-defined]
    entered = posted_or_addressed(request, only_posted=("q",))
    form = ArchivedForm(entered)
    page = selectors.patient_detail_page(
        filters=PatientFilters(query=form.query(), status=PatientStatus.ARCHIVED, ordering="-archived_at"),
        page=page_number(entered),
        by=by,
        action="patient.archived_list",
    )
    archivers = members_by_id({row.archived_by_id for row in page.rows if row.archived_by_id})
    waiting = selectors.retention_waiting(by=by) if by.may(Permission.PATIENT_RETENTION) else 0
    return render_list(
        request,
        "patients/archived.html",
        table=ArchivedTable(page.rows, archivers=archivers, caption=_("Archived patients")),
        form=form,
        page=page,
        context={"waiting": waiting},
    )


@guard(Permission.PATIENT_RETENTION)
@require_http_methods(["GET", "HEAD", "POST"])
def retention(request: HttpRequest) -> HttpResponse:
    """The records whose retention has run out, the longest due first, or what was decided about them."""
    entered = posted_or_addressed(request)
    form = QueueForm(entered)
    page = selectors.retention_page(
        decided=form.decided(),
        page=page_number(entered),
        by=request.actor,  # type: ignore[attr-defined]
    )
    deciders = members_by_id({row.decided_by_id for row in page.rows if row.decided_by_id})
    hidden = ("decision",) if not form.decided() else ("id",)
    table = RetentionTable(page.rows, deciders=deciders, exclude=hidden, caption=_("Retention reviews"))
    return render_list(request, "patients/retention.html", table=table, form=form, page=page)


@guard(Permission.PATIENT_RETENTION, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def decide_retention(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Keep, extend or mark reviewed, with a reason."""
    by = request.actor  # type: ignore[attr-defined]
    form = RetentionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        try:
            services.decide_retention(
                review_id=review_id,
                decision=RetentionDecision(entered["decision"]),
                reason=entered["reason"],
                until=entered["until"],
                by=by,
                now=timezone.now(),
            )
        except InvalidPatient as refusal:
            form.add_error(next(iter(refusal.faults)), _("This must be a day to come."))
        except AlreadyDecided:
            messages.info(request, _("Somebody decided about this record meanwhile. Nothing was changed."))
            return go_to(request, reverse("patients:retention"))
        else:
            messages.success(request, _("Decided. Nothing was erased."))
            return go_to(request, reverse("patients:retention"))
    line = selectors.retention_review(review_id, by=by)
    context = {"form": form, "line": line}
    return render_page(
        request,
        "patients/decide_retention.html",
        context,
        partials=("dialog",),
        status=422 if form.errors else 200,
    )

"""Privacy requests: the queue, a patient's own, and each step of an answer."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.authentication.selectors import members_by_id
from apps.authentication.types import Permission
from apps.core.patients import selectors, services
from apps.core.patients.forms.privacy import DecideForm, ExtendForm, PrivacyQueueForm, PrivacyRequestForm, ReasonForm
from apps.core.patients.rules.privacy import extended_due_on, may_extend
from apps.core.patients.tables import PrivacyTable
from apps.core.patients.types import AlreadyDecided, InvalidPatient, PrivacyKind, PrivacyLine
from apps.core.patients.views.acts import ABSENT, FORM, Asked
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import (
    go_to,
    page_number,
    posted_or_addressed,
    render_dialog,
    render_list,
    render_page,
)


@guard(Permission.PRIVACY_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def queue(request: HttpRequest) -> HttpResponse:
    """Every request that waits for an answer, the next due first."""
    by = request.actor  # type: ignore[attr-defined]
    entered = posted_or_addressed(request)
    form = PrivacyQueueForm(entered)
    filters = form.criteria()
    page = selectors.privacy_page(filters=filters, page=page_number(entered), by=by)
    table = PrivacyTable(page.rows, exclude=() if filters.closed else ("state",), caption=_("Privacy requests"))
    waiting = selectors.emergencies_waiting(by=by) if by.may(Permission.PRIVACY_DECIDE) else 0
    context = {"emergencies_waiting": waiting}
    return render_list(request, "patients/privacy_queue.html", table=table, form=form, page=page, context=context)


@guard(Permission.PRIVACY_RECORD)
@require_safe
def overdue_count(request: HttpRequest) -> HttpResponse:
    """The link to the queue with how many are overdue; no name in it."""
    context = {"overdue": selectors.overdue_requests(by=request.actor)}  # type: ignore[attr-defined]
    return render_page(request, "patients/privacy_link.html", context)


@guard(Permission.PRIVACY_RECORD, not_found=ABSENT)
@require_safe
def of_patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The patient's requests: a part of the record, or a page."""
    banner, rows = selectors.privacy_requests_of(patient_id, by=request.actor)  # type: ignore[attr-defined]
    return render_page(request, "patients/privacy.html", {"banner": banner, "rows": rows}, partials=("privacy",))


@guard(Permission.PRIVACY_RECORD, not_found=ABSENT)
@require_safe
def one_request(request: HttpRequest, patient_id: UUID, privacy_request_id: UUID) -> HttpResponse:
    """One request with what may be done about it now."""
    line = selectors.privacy_request(patient_id, privacy_request_id, by=request.actor)  # type: ignore[attr-defined]
    asked = line.request
    people = members_by_id({one for one in (asked.decided_by_id, asked.recorded_by_id) if one})
    context = {
        "asked": asked,
        "banner": line.banner,
        "may_extend": may_extend(asked.kind, asked.state, asked.due_on, timezone.localdate()),
        "recorded_by": _name(people, asked.recorded_by_id),
        "decided_by": _name(people, asked.decided_by_id),
    }
    return render_page(request, "patients/privacy_request.html", context)


@guard(Permission.PRIVACY_RECORD, not_found=ABSENT)
@FORM
def record(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask what the patient asks for."""
    by = request.actor  # type: ignore[attr-defined]
    form = PrivacyRequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            request_id = services.record_privacy_request(
                patient_id=patient_id, **form.cleaned_data, by=by, now=timezone.now()
            )
        except InvalidPatient as refusal:
            form.show_faults(refusal)
        else:
            messages.success(request, _("The request is recorded. It stands in the queue until it is answered."))
            return go_to(request, reverse("patients:privacy_request", args=[patient_id, request_id]))
    asked = Asked(
        title=_("Record a privacy request"),
        submit=_("Record the request"),
        done="",
        lead=_("Anyone of the team records it; managers and administrators answer it."),
    )
    banner, _rows = selectors.privacy_requests_of(patient_id, by=by)
    back = reverse("patients:privacy_of", args=[patient_id])
    context = {"banner": banner, "form": form, "asked": asked, "back": back}
    return render_dialog(request, "patients/privacy_form.html", context, wrong=bool(form.errors))


@guard(Permission.PRIVACY_DECIDE, not_found=ABSENT)
@FORM
def extend(request: HttpRequest, patient_id: UUID, privacy_request_id: UUID) -> HttpResponse:
    """Thirty days more, once, with the reason that the patient is told."""
    line = selectors.privacy_request(patient_id, privacy_request_id, by=request.actor)  # type: ignore[attr-defined]
    lead = _("A restriction has no time limit that could be extended.")
    if line.request.kind is not PrivacyKind.RESTRICTION:
        day = extended_due_on(line.request.kind, line.request.received_on)
        lead = _("The new last day is %(day)s. There is no second extension.") % {"day": day.isoformat()}
    asked = Asked(title=_("Extend the time limit"), submit=_("Extend by 30 days"), done=_("Extended."), lead=lead)
    return _step(request, line, ExtendForm(request.POST or None), asked, services.extend_privacy_request)


@guard(Permission.PRIVACY_DECIDE, not_found=ABSENT)
@FORM
def decide(request: HttpRequest, patient_id: UUID, privacy_request_id: UUID) -> HttpResponse:
    """Grant, grant in part or deny."""
    line = selectors.privacy_request(patient_id, privacy_request_id, by=request.actor)  # type: ignore[attr-defined]
    asked = Asked(
        title=_("Answer the request"), submit=_("Record the answer"), done=_("Answered."), lead=_lead(line.request.kind)
    )
    form = DecideForm(request.POST or None, kind=line.request.kind)
    return _step(request, line, form, asked, services.decide_privacy_request)


@guard(Permission.PRIVACY_RECORD, not_found=ABSENT)
@FORM
def withdraw(request: HttpRequest, patient_id: UUID, privacy_request_id: UUID) -> HttpResponse:
    """The patient no longer asks."""
    line = selectors.privacy_request(patient_id, privacy_request_id, by=request.actor)  # type: ignore[attr-defined]
    asked = Asked(
        title=_("Withdraw the request"),
        submit=_("Withdraw the request"),
        done=_("Withdrawn."),
        lead=_("Only the patient or the representative withdraws a request."),
        is_ending=True,
    )
    return _step(request, line, ReasonForm(request.POST or None), asked, services.withdraw_privacy_request)


@guard(Permission.PRIVACY_DECIDE, not_found=ABSENT)
@FORM
def end(request: HttpRequest, patient_id: UUID, privacy_request_id: UUID) -> HttpResponse:
    """A restriction is kept no longer."""
    line = selectors.privacy_request(patient_id, privacy_request_id, by=request.actor)  # type: ignore[attr-defined]
    asked = Asked(
        title=_("End the restriction"),
        submit=_("End the restriction"),
        done=_("The restriction has ended."),
        lead=_("With the patient’s agreement, or after telling the patient; then only for what is learned afterwards."),
        is_ending=True,
    )
    return _step(request, line, ReasonForm(request.POST or None), asked, services.end_restriction)


def _step(
    request: HttpRequest, line: PrivacyLine, form: Any, asked: Asked, service: Callable[..., object]
) -> HttpResponse:
    """The form until it is right; then the service does, and the request is shown as it stands."""
    ids = {"patient_id": line.request.patient_id, "request_id": line.request.id}
    page = reverse("patients:privacy_request", args=list(ids.values()))
    if request.method == "POST" and form.is_valid():
        try:
            service(**ids, **form.cleaned_data, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
        except InvalidPatient as refusal:
            form.show_faults(refusal)
        except AlreadyDecided:
            messages.info(request, _("The request was answered meanwhile. Nothing was changed."))
            return go_to(request, page)
        else:
            messages.success(request, asked.done)
            return go_to(request, page)
    context = {"request_line": line, "banner": line.banner, "form": form, "asked": asked, "back": page}
    return render_dialog(request, "patients/privacy_form.html", context, wrong=bool(form.errors))


def _lead(kind: PrivacyKind) -> str:
    return {
        PrivacyKind.ACCESS: _("Hand over the copy first; say here what the patient got and how."),
        PrivacyKind.AMENDMENT: _("Correct the record first; say here what was corrected, or why the record is right."),
        PrivacyKind.ACCOUNTING: _("Print the report of who saw this chart first; say here what the patient got."),
        PrivacyKind.RESTRICTION: _(
            "A practice may refuse, except to keep from a health plan what the patient paid for in full (45 CFR "
            "164.522(a)(1)(vi))."
        ),
    }[kind]


def _name(people: Any, user_id: UUID | None) -> str:
    return people[user_id].full_name if user_id in people else ""

"""Secure messages: what waits for the team, a patient's conversations, one of them, a new one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.authentication.types import Permission
from apps.core.care import selectors, services
from apps.core.care.forms.messages import AnswerForm, ReplyForm, SeenForm, ThreadForm
from apps.core.care.selectors.message_templates import TEMPLATE_NAMES
from apps.core.care.types import InvalidMessage, MessageTemplate
from apps.core.patients.selectors import account_of, get_patient, require_banner
from apps.core.patients.types import InvalidPatient, NotFound, PatientDetail
from apps.foundation.tenancy.ids import new_id
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import page_number, render_page, requested_partial, seal_response

NEWEST = 3
PANEL = {"thread-panel": "threadpanel"}
"""The panel on the chart: id of its element, and name of the partial that fills it."""


@guard(Permission.MESSAGE_SEND)
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """What patients wrote and nobody answered, over the whole practice or one's panel."""
    page = selectors.message_inbox(page=page_number(request.GET), by=request.actor)  # type: ignore[attr-defined]
    context = {"page": page, "lines": page.rows, "now": timezone.now()}
    return render_page(request, "care/inbox.html", context)


@guard(Permission.MESSAGE_SEND)
@require_safe
def inbox_count(request: HttpRequest) -> HttpResponse:
    """The number beside the link to the inbox."""
    waiting = selectors.count_waiting_messages(by=request.actor)  # type: ignore[attr-defined]
    return render_page(request, "care/inbox_count.html", {"waiting": waiting}, partials=("inboxcount",))


@guard(Permission.MESSAGE_SEND, not_found=(NotFound,))
@require_safe
def message(request: HttpRequest, thread_id: UUID) -> HttpResponse:
    """What a notification opens: the conversation, at the address that names its patient."""
    patient_id = selectors.patient_of_thread(thread_id, by=request.actor)  # type: ignore[attr-defined]
    return seal_response(HttpResponseRedirect(reverse("care:thread", args=[patient_id, thread_id])))


@guard(Permission.PATIENT_READ, not_found=(NotFound,))
@require_safe
def threads(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The patient's conversations; on the chart the newest of them."""
    banner = require_banner(patient_id)
    on_chart = bool(requested_partial(request, PANEL))
    asked: dict[str, Any] = {"page_size": NEWEST} if on_chart else {"page": page_number(request.GET)}
    page = selectors.threads_of(patient_id, by=request.actor, **asked)  # type: ignore[attr-defined]
    context = {"banner": banner, "page": page, "threads": page.rows, "now": timezone.now()}
    return render_page(request, "care/messages.html", context, partials=PANEL)


@guard(Permission.MESSAGE_SEND, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def write_message(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask for subject and text until they can be sent; then show the conversation."""
    by = request.actor  # type: ignore[attr-defined]
    detail = get_patient(patient_id, by=by)
    form = _form(ThreadForm, request, detail)
    if form.is_bound and form.is_valid():
        try:
            thread_id = services.open_thread(patient_id=patient_id, **form.cleaned_data, by=by, now=timezone.now())
        except InvalidMessage as refusal:
            form.show_faults(refusal)
        except InvalidPatient:
            form.add_error(None, _archived())
        else:
            messages.success(request, _("The message was sent."))
            return HttpResponseRedirect(reverse("care:thread", args=[patient_id, thread_id]))
    context = {"banner": detail.banner, "form": form, **_about_writing(detail)}
    status = 422 if form.errors else 200
    return render_page(request, "care/write_message.html", context, partials=("entry",), status=status)


@guard(Permission.PATIENT_READ, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: HttpRequest, patient_id: UUID, thread_id: UUID) -> HttpResponse:
    """One conversation, and the answer below it."""
    by = request.actor  # type: ignore[attr-defined]
    detail = get_patient(patient_id, by=by)
    form = _form(AnswerForm, request, detail)
    if form.is_bound and form.is_valid():
        try:
            services.send_message(
                thread_id=thread_id, patient_id=patient_id, **form.cleaned_data, by=by, now=timezone.now()
            )
        except InvalidMessage as refusal:
            form.show_faults(refusal)
        except InvalidPatient:
            form.add_error(None, _archived())
        else:
            messages.success(request, _("The message was sent."))
            return HttpResponseRedirect(reverse("care:thread", args=[patient_id, thread_id]))
    view = selectors.thread_messages(thread_id, patient_id, by=by)
    if request.method != "POST":
        form.initial["seen_until"] = view.line.last_message_at.isoformat()
    context = {"banner": detail.banner, "thread": view, "form": form, "now": timezone.now(), **_about_writing(detail)}
    status = 422 if form.errors else 200
    return render_page(request, "care/thread.html", context, partials=("entry",), status=status)


@guard(Permission.MESSAGE_SEND, not_found=(NotFound,))
@require_POST
def read(request: HttpRequest, patient_id: UUID, thread_id: UUID) -> HttpResponse:
    """What the patient wrote was seen; the page says so by itself."""
    by = request.actor  # type: ignore[attr-defined]
    seen = SeenForm(request.POST).moment()
    services.read_thread(thread_id=thread_id, patient_id=patient_id, seen_until=seen, by=by, now=timezone.now())
    return seal_response(HttpResponse(status=204))


@guard(Permission.MESSAGE_SEND, not_found=(NotFound,))
@require_POST
def close(request: HttpRequest, patient_id: UUID, thread_id: UUID) -> HttpResponse:
    """The conversation is over without another answer."""
    by = request.actor  # type: ignore[attr-defined]
    try:
        seen = SeenForm(request.POST).moment()
        services.close_thread(thread_id=thread_id, patient_id=patient_id, seen_until=seen, by=by, now=timezone.now())
    except InvalidMessage:
        messages.error(request, _("The patient has written again meanwhile. Nothing was closed: read it first."))
    except InvalidPatient:
        messages.error(request, _("The patient is archived and the record is read-only. Nothing was changed."))
    else:
        messages.success(request, _("The conversation is closed. A new message opens it again."))
    return HttpResponseRedirect(reverse("care:thread", args=[patient_id, thread_id]))


def _form(kind: type[ReplyForm], request: HttpRequest, detail: PatientDetail) -> Any:
    """The form as it was sent, or with the template below what was typed already."""
    template = request.POST.get("insert", "")
    if template in frozenset(MessageTemplate):
        language = selectors.preferred_language(detail)
        return kind(initial=kind.started_from(MessageTemplate(template), request.POST, language))
    return kind(request.POST or None, initial={"message_id": new_id()})


def _about_writing(detail: PatientDetail) -> dict[str, Any]:
    return {
        "templates": TEMPLATE_NAMES,
        "spoken": selectors.preferred_language(detail),
        "has_account": account_of(detail.banner.id) is not None,
    }


def _archived() -> str:
    return _("The patient is archived and the record is read-only. Nothing was sent; your text stands below.")

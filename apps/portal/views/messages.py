"""Writing to the team and reading what they answer."""

from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.core.care import selectors as care
from apps.core.care import services
from apps.core.care.types import InvalidMessage
from apps.core.patients import selectors as patients
from apps.core.patients.types import InvalidPatient
from apps.foundation.tenancy.ids import new_id
from apps.foundation.web.pages import page_number, render_page
from apps.portal import selectors
from apps.portal.forms import MessageForm, ReplyForm
from apps.portal.views.own import own_page


@own_page
@require_safe
def threads(request: HttpRequest) -> HttpResponse:
    """Every talk with the team, the newest first."""
    by = request.actor  # type: ignore[attr-defined]
    page = care.threads_of(patients.own_patient_id(by), by=by, page=page_number(request.GET))
    context = {"page": page, "watch": selectors.watch_now(timezone.now())}
    return render_page(request, "portal/messages.html", context)


@own_page
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """A new message to the team."""
    by, form = request.actor, _form(MessageForm, request)  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            patient_id = patients.own_patient_id(by)
            thread_id = services.open_thread(patient_id=patient_id, by=by, now=timezone.now(), **form.cleaned_data)
        except (InvalidMessage, InvalidPatient) as refusal:
            form.show_faults(refusal)
        else:
            return _sent(request, thread_id)
    context = {"form": form, "watch": selectors.watch_now(timezone.now())}
    return render_page(request, "portal/write.html", context, status=422 if form.errors else 200)


@own_page
@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: HttpRequest, thread_id: UUID) -> HttpResponse:
    """One talk with the team; posted, an answer to it. What was new is read now."""
    by, now = request.actor, timezone.now()  # type: ignore[attr-defined]
    patient_id, form = patients.own_patient_id(by), _form(ReplyForm, request)
    if request.method == "POST" and form.is_valid():
        try:
            services.send_message(thread_id=thread_id, patient_id=patient_id, by=by, now=now, **form.cleaned_data)
        except (InvalidMessage, InvalidPatient) as refusal:
            form.show_faults(refusal)
        else:
            return _sent(request, thread_id)
    found = care.thread_messages(thread_id, patient_id, by=by)
    if request.method == "GET":
        shown = found.line.last_message_at
        services.read_thread(thread_id=thread_id, patient_id=patient_id, seen_until=shown, by=by, now=now)
    context = {"found": found, "form": form, "watch": selectors.watch_now(now)}
    return render_page(request, "portal/thread.html", context, status=422 if form.errors else 200)


def _form(kind: type[MessageForm] | type[ReplyForm], request: HttpRequest) -> MessageForm | ReplyForm:
    return kind(request.POST if request.method == "POST" else None, initial={"message_id": new_id()})


def _sent(request: HttpRequest, thread_id: UUID) -> HttpResponse:
    notices.success(request, _("Your message was sent."))
    return HttpResponseRedirect(reverse("portal:thread", args=[thread_id]))

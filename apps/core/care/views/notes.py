"""A patient's notes: reading, writing, adding, and co-signing what others wrote."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.authentication.selectors import members_by_id
from apps.authentication.types import Permission
from apps.core.care import selectors, services
from apps.core.care.forms.notes import AddendumForm, AskCosignForm, NoteFilterForm, NoteForm
from apps.core.care.selectors.note_templates import TEMPLATE_NAMES
from apps.core.care.types import AlreadyCosigned, CosignRefused, InvalidNote, NoteTemplate
from apps.core.patients.selectors import patient_banner, require_banner
from apps.core.patients.types import InvalidPatient, NotFound
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import page_number, render_page
from apps.foundation.web.templatetags.web import local_time

NEWEST = 3
QUEUE = "queue"


@guard(Permission.PATIENT_READ, not_found=(NotFound,))
@require_safe
def notes(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Every note of the patient, newest first, each with its addenda."""
    banner = require_banner(patient_id)
    form = NoteFilterForm(request.GET)
    page = selectors.notes_of(
        patient_id,
        kind=form.wanted(),
        page=page_number(request.GET),
        by=request.actor,  # type: ignore[attr-defined]
    )
    context = {"banner": banner, "form": form, "page": page, "notes": page.rows, "now": timezone.now()}
    return render_page(request, "care/notes.html", context, partials=("list",))


@guard(Permission.PATIENT_READ, not_found=(NotFound,))
@require_safe
def newest_notes(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The newest notes, for the overview of the chart."""
    banner = require_banner(patient_id)
    page = selectors.notes_of(patient_id, page_size=NEWEST, by=request.actor)  # type: ignore[attr-defined]
    context = {"banner": banner, "page": page, "notes": page.rows, "now": timezone.now()}
    return render_page(request, "care/newest_notes.html", context, partials=("notes",))


@guard(Permission.CARE_RECORD, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def write_note(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask for a note until it can be signed. A template fills in its questions below what was typed already."""
    by = request.actor  # type: ignore[attr-defined]
    cosigners = selectors.cosigners(by=by)
    template = request.POST.get("insert", "")
    if template in frozenset(NoteTemplate):
        form = NoteForm(initial=NoteForm.started_from(NoteTemplate(template), request.POST), cosigners=cosigners)
    else:
        form = NoteForm(request.POST or None, cosigners=cosigners)
    if form.is_bound and form.is_valid():
        try:
            services.write_note(patient_id=patient_id, **form.cleaned_data, by=by, now=timezone.now())
        except InvalidNote as refusal:
            form.show_faults(refusal)
        except InvalidPatient:
            form.add_error(None, _archived())
        else:
            messages.success(request, _("The note is signed."))
            return HttpResponseRedirect(reverse("care:notes", args=[patient_id]))
    context = {"banner": patient_banner(patient_id, by=by), "form": form, "templates": TEMPLATE_NAMES}
    return render_page(
        request, "care/write_note.html", context, partials=("entry",), status=422 if form.errors else 200
    )


@guard(Permission.CARE_RECORD, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def addend_note(request: HttpRequest, patient_id: UUID, note_id: UUID) -> HttpResponse:
    """Show the note and ask for what is to be added."""
    by = request.actor  # type: ignore[attr-defined]
    form = AddendumForm(request.POST or None, cosigners=selectors.cosigners(by=by))
    if form.is_bound and form.is_valid():
        try:
            services.addend_note(note_id=note_id, patient_id=patient_id, **form.cleaned_data, by=by, now=timezone.now())
        except InvalidNote as refusal:
            form.show_faults(refusal)
        except InvalidPatient:
            form.add_error(None, _archived())
        else:
            messages.success(request, _("The addendum is signed."))
            return HttpResponseRedirect(reverse("care:notes", args=[patient_id]))
    return _about_note(request, "care/addend_note.html", patient_id, note_id, form)


@guard(Permission.CARE_RECORD, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def ask_cosign(request: HttpRequest, patient_id: UUID, note_id: UUID) -> HttpResponse:
    """Choose who is asked to co-sign one's own note."""
    by = request.actor  # type: ignore[attr-defined]
    form = AskCosignForm(request.POST or None, cosigners=selectors.cosigners(by=by))
    if form.is_bound and form.is_valid():
        try:
            services.ask_cosignature(note_id=note_id, patient_id=patient_id, of_id=form.cleaned_data["of_id"], by=by)
        except (CosignRefused, AlreadyCosigned, InvalidPatient, InvalidNote) as refusal:
            form.add_error(None, _words(refusal))
        else:
            messages.success(request, _("Asked for a co-signature."))
            return HttpResponseRedirect(reverse("care:notes", args=[patient_id]))
    return _about_note(request, "care/ask_cosign.html", patient_id, note_id, form)


@guard(Permission.NOTE_COSIGN, not_found=(NotFound,))
@require_POST
def cosign(request: HttpRequest, patient_id: UUID, note_id: UUID) -> HttpResponse:
    """The note carries the reader's co-signature; then back to where it was read."""
    by = request.actor  # type: ignore[attr-defined]
    try:
        services.cosign_note(note_id=note_id, patient_id=patient_id, by=by, now=timezone.now())
    except (CosignRefused, AlreadyCosigned, InvalidPatient) as refusal:
        messages.error(request, _words(refusal))
    else:
        messages.success(request, _("Co-signed."))
    if request.POST.get("origin") == QUEUE:
        return HttpResponseRedirect(reverse("care:to_cosign"))
    return HttpResponseRedirect(reverse("care:notes", args=[patient_id]))


@guard(Permission.NOTE_COSIGN)
@require_safe
def to_cosign(request: HttpRequest) -> HttpResponse:
    """What waits for the reader's co-signature, whole, so that it is read before it is signed."""
    by = request.actor  # type: ignore[attr-defined]
    page = selectors.cosign_queue(page=page_number(request.GET), by=by)
    context = {"page": page, "tasks": page.rows, "now": timezone.now(), "origin": QUEUE}
    return render_page(request, "care/to_cosign.html", context)


@guard(Permission.NOTE_COSIGN)
@require_safe
def cosign_count(request: HttpRequest) -> HttpResponse:
    """The link to the queue with its number, for the menu."""
    waiting = selectors.count_to_cosign(by=request.actor)  # type: ignore[attr-defined]
    return render_page(request, "care/cosign_count.html", {"waiting": waiting}, partials=("cosignlink",))


def _about_note(request: HttpRequest, template: str, patient_id: UUID, note_id: UUID, form: Form) -> HttpResponse:
    """The note, whose disclosure is recorded, above the form about it."""
    note = selectors.get_note(note_id, patient_id, by=request.actor)  # type: ignore[attr-defined]
    context = {"banner": require_banner(patient_id), "note": note, "form": form, "now": timezone.now()}
    return render_page(request, template, context, status=422 if form.errors else 200)


def _archived() -> str:
    return _("The patient is archived and the record is read-only. Nothing was saved; your text stands below.")


def _words(refusal: Exception) -> str:
    """A refusal in the reader's words."""
    if isinstance(refusal, AlreadyCosigned):
        found: dict[Any, Any] = members_by_id([refusal.by_id]) if refusal.by_id else {}
        name = found[refusal.by_id].full_name if refusal.by_id in found else _("someone else")
        when = local_time(refusal.at) if refusal.at else ""
        return _("Co-signed by %(name)s %(time)s already. Nothing was changed.") % {"name": name, "time": when}
    if isinstance(refusal, InvalidPatient):
        return _("The patient is archived and the record is read-only. Nothing was changed.")
    if isinstance(refusal, InvalidNote):
        return _("This person can't co-sign. Choose somebody else.")
    code = refusal.code if isinstance(refusal, CosignRefused) else ""
    return {
        "own": _("This is your own note: somebody else has to co-sign it."),
        "not_author": _("Only the author asks for a co-signature. Nothing was changed."),
    }.get(code, _("A note from the EMR is not co-signed here. Add an addendum instead."))

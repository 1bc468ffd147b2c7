"""One act on the record: asked for in a dialog or on a page of its own, done, and the record shown anew."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.authentication.types import Permission
from apps.core.patients import selectors
from apps.core.patients.forms.programs import RecordForm
from apps.core.patients.types import InvalidPatient, NotFound, PatientRecord, PatientStatus
from apps.foundation.web.pages import live_line, render_dialog, render_page

Entered = dict[str, Any]


ABSENT = (NotFound,)
FORM = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class Asked:
    """The words around a form: what it is about, what follows from it, the button, and what to say afterwards."""

    title: str
    submit: str
    done: str
    lead: str = ""
    is_ending: bool = False
    wide: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


def ask(
    request: HttpRequest,
    patient_id: UUID,
    form: RecordForm,
    asked: Asked,
    service: Callable[..., object],
    about: Callable[[PatientRecord], str] = lambda record: "",
) -> HttpResponse:
    """The form until it is right; then the service does with what was entered, and the record is shown anew.

    `about` says in a line what of the record is acted on, and raises NotFound where it is not there or not open.
    """
    by = request.actor  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            service(patient_id=patient_id, by=by, **form.entered())
        except InvalidPatient as refusal:
            form.show_faults(refusal)
        else:
            return shown(request, patient_id, asked.done)
    record = selectors.record_of(patient_id, by=by)
    line = about(record)
    form.fit(record, by)
    context = {"banner": record.banner, "form": form, "asked": asked, "about": line, **asked.extra}
    return render_dialog(request, "patients/record_form.html", context, wrong=bool(form.errors))


def at_once(
    request: HttpRequest, patient_id: UUID, service: Callable[..., object], *, done: str, back: str = "patients:record"
) -> HttpResponse:
    """The act without a question; a refusal is said instead of `done`."""
    try:
        service(patient_id=patient_id, by=request.actor)  # type: ignore[attr-defined]
    except InvalidPatient as refusal:
        form = RecordForm({})
        form.show_faults(refusal)
        return shown(request, patient_id, " ".join(form.non_field_errors()), back=back, refused=True)
    return shown(request, patient_id, done, back=back)


def shown(
    request: HttpRequest, patient_id: UUID, said: str, *, back: str = "patients:record", refused: bool = False
) -> HttpResponse:
    """The record as it stands now, in place; without htmx the page that the act belongs to."""
    if not request.headers.get("HX-Request"):
        messages.add_message(request, messages.ERROR if refused else messages.SUCCESS, said)
        return HttpResponseRedirect(reverse(back, args=[patient_id]))
    context = {**record_context(request, patient_id), "refusal": said if refused else ""}
    response = render_page(request, "patients/record.html#record", context, status=409 if refused else 200)
    if said:
        response.write(live_line(said))
    response["HX-Trigger"] = "close-dialog"
    return response


def record_context(request: HttpRequest, patient_id: UUID) -> Entered:
    """What the Record tab shows, and whether this person may write into it now. Raises NotFound."""
    by = request.actor  # type: ignore[attr-defined]
    record = selectors.record_of(patient_id, by=by)
    may_change = record.banner.status is PatientStatus.ACTIVE and by.may(Permission.PATIENT_CHANGE)
    return {"record": record, "banner": record.banner, "may_change": may_change}


def one_open(rows: Any, row_id: UUID, closes: str) -> Any:
    """The row with this id that is still open. Raises NotFound."""
    found = next((row for row in rows if row.id == row_id and getattr(row, closes) is None), None)
    if found is None:
        raise NotFound("row")
    return found

"""The hand-over between shifts: leaving a patient, the list, and doing what was left."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.authentication.types import Permission
from apps.core.care import selectors, services
from apps.core.care.forms.hand_over import HandOverForm
from apps.core.care.types.hand_over import HandOverDone
from apps.core.patients.selectors import patient_banner
from apps.core.patients.types import InvalidPatient, NotFound
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import live_line, render_dialog, render_page, seal_response
from apps.foundation.web.templatetags.web import local_time


@guard(Permission.PATIENT_READ)
@require_safe
def hand_over(request: HttpRequest) -> HttpResponse:
    """What was left, by patient, the most urgent first. It prints."""
    shown = selectors.hand_over_list(by=request.actor)  # type: ignore[attr-defined]
    return render_page(request, "care/hand_over.html", {"list": shown, "now": timezone.now()})


@guard(Permission.PATIENT_READ)
@require_safe
def hand_over_count(request: HttpRequest) -> HttpResponse:
    """The number of open items, for the head of the board."""
    waiting = selectors.count_handed_over(by=request.actor)  # type: ignore[attr-defined]
    return render_page(request, "care/hand_over_count.html", {"waiting": waiting})


@guard(Permission.CARE_RECORD, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def add_hand_over(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask what the next shift should look after; then it stands on the list."""
    by = request.actor  # type: ignore[attr-defined]
    banner = patient_banner(patient_id, by=by)
    form = HandOverForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            services.add_hand_over(patient_id=patient_id, text=form.cleaned_data["text"], by=by, now=timezone.now())
        except InvalidPatient:
            form.add_error(None, _("The patient is archived and the record is read-only. Nothing was saved."))
        else:
            return _handed_over(request)
    context = {"banner": banner, "form": form, "open": selectors.hand_over_of(patient_id, by=by), "now": timezone.now()}
    return render_dialog(request, "care/add_hand_over.html", context, wrong=bool(form.errors))


@guard(Permission.CARE_RECORD, not_found=(NotFound,))
@require_POST
def finish_hand_over(request: HttpRequest, patient_id: UUID, item_id: UUID) -> HttpResponse:
    """The item is done; then the list again."""
    by = request.actor  # type: ignore[attr-defined]
    try:
        services.finish_hand_over(item_id=item_id, patient_id=patient_id, by=by, now=timezone.now())
    except HandOverDone as refusal:
        name = refusal.by_name or _("someone else")
        words = {"name": name, "time": local_time(refusal.at)}
        messages.error(request, _("Done by %(name)s %(time)s already. Nothing was changed.") % words)
    except InvalidPatient:
        messages.error(request, _("The patient is archived and the record is read-only. Nothing was changed."))
    else:
        messages.success(request, _("Done. It leaves the list."))
    return HttpResponseRedirect(reverse("care:hand_over"))


def _handed_over(request: HttpRequest) -> HttpResponse:
    """Back to work: the dialog closes where it was opened, and a screen reader hears it."""
    done = _("On the list of the next shift.")
    if not request.headers.get("HX-Request"):
        messages.success(request, done)
        return HttpResponseRedirect(reverse("care:hand_over"))
    response = seal_response(HttpResponse(live_line(done)))
    response["HX-Trigger"] = "close-dialog"
    return response

"""The quarantine: readings that wait for a person, and deciding about one."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from apps.authentication.types import Permission, Role
from apps.core.patients.selectors import patient_by_identifiers, require_banner
from apps.core.patients.types import NotFound as NoPatient
from apps.foundation.audit import services as audit
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import page_number, posted_or_addressed, render_list, render_page
from apps.ingestion import selectors, services
from apps.ingestion.forms import REASONS, STATES, QuarantineFilterForm, ResolveForm
from apps.ingestion.tables import KINDS, QuarantineTable, values_text
from apps.ingestion.types import AlreadyResolved, NotFound, NotResolvable, QuarantinedLine, Resolution


@guard(Permission.QUARANTINE_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def quarantine_list(request: HttpRequest) -> HttpResponse:
    """What waits for a person, the newest first; or what was decided."""
    by = request.actor  # type: ignore[attr-defined]
    entered = posted_or_addressed(request)
    form = QuarantineFilterForm(entered)
    state, reason = form.wanted()
    page = selectors.list_quarantined(by=by, state=state, reason=reason, page=page_number(entered))
    _disclose(page.lines, by)
    table = QuarantineTable(page.lines)
    dead = selectors.count_dead_transmissions() if by.role == Role.ADMIN else 0
    context = {"dead": dead}
    return render_list(request, "quarantine/quarantine_list.html", table=table, form=form, page=page, context=context)


@guard(Permission.QUARANTINE_READ, not_found=(NoPatient,))
@require_safe
def held(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """What of a patient waits to be verified, for the overview of the chart; nothing there where nothing waits."""
    by = request.actor  # type: ignore[attr-defined]
    banner = require_banner(patient_id)
    lines = selectors.held_readings_of(patient_id, by=by)
    _disclose(lines, by)
    rows = [
        (line, KINDS.get(line.kind, _("Reading")), values_text(line.values), REASONS[line.reason]) for line in lines
    ]
    return render_page(request, "quarantine/held.html", {"banner": banner, "rows": rows}, partials=("held",))


@guard(Permission.QUARANTINE_RESOLVE, not_found=(NotFound,))
@require_http_methods(["GET", "HEAD", "POST"])
def resolve(request: HttpRequest, quarantined_id: UUID) -> HttpResponse:
    """Ask what to do with one reading until it is right; a released one is on its way through the journey again."""
    by = request.actor  # type: ignore[attr-defined]
    line = selectors.get_quarantined(quarantined_id, by=by)
    form = ResolveForm(request.POST or None, line=line)
    if request.method == "POST" and form.is_valid() and _resolved(request, form, line, by):
        return HttpResponseRedirect(reverse("quarantine:list"))
    _disclose([line], by)
    context = {
        "line": line,
        "form": form,
        "kind": KINDS.get(line.kind, _("Reading")),
        "values": values_text(line.values),
        "reason": REASONS[line.reason],
        "state": STATES[line.state],
    }
    return render_page(request, "quarantine/resolve.html", context, status=422 if form.errors else 200)


def _resolved(request: HttpRequest, form: ResolveForm, line: QuarantinedLine, by: Actor) -> bool:
    """Whether the decision was carried out, or somebody else's was; else the form says what is wrong."""
    entered = form.cleaned_data
    resolution = Resolution(entered["resolution"])
    patient_id = None
    if resolution is Resolution.ASSIGN:
        banner = patient_by_identifiers(
            mrn=entered["mrn"], date_of_birth=entered["born"], by=by, action="quarantine.assign"
        )
        if banner is None:
            form.add_error(None, _("No active patient has this MRN and this date of birth."))
            return False
        patient_id = banner.id
    try:
        services.resolve_quarantined(
            quarantined_id=line.id,
            resolution=resolution,
            patient_id=patient_id,
            keeps_device=bool(entered.get("keeps_device")),
            note=entered["note"],
            by=by,
        )
    except AlreadyResolved:
        messages.error(request, _("Somebody else has decided about this reading already. Nothing was changed."))
    except NotResolvable:
        form.add_error(None, _("This reading can't be resolved this way. Nothing was changed."))
        return False
    else:
        messages.success(request, _DONE[resolution])
    return True


_DONE = {
    Resolution.ASSIGN: gettext_lazy("Assigned. The reading appears on the chart in a few seconds."),
    Resolution.ACCEPT: gettext_lazy("Accepted. The reading appears on the chart in a few seconds."),
    Resolution.DISCARD: gettext_lazy("Discarded. The reading is kept and never charted."),
}


def _disclose(lines: Sequence[QuarantinedLine], by: Actor) -> None:
    wearers = {line.patient_id for line in lines if line.patient_id is not None}
    subjects = [("quarantinedreading", line.id) for line in lines] + [("patient", one) for one in sorted(wearers)]
    audit.record_disclosure("quarantine.read", subjects=subjects, by=by)

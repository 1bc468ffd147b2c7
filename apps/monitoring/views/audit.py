"""The trail: narrowed, verified, exported."""

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from apps.authentication.types import Permission
from apps.foundation.audit import selectors as rows_of_log
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import page_number, posted_or_addressed, render_page
from apps.monitoring import selectors, services
from apps.monitoring.forms import TrailForm
from apps.monitoring.selectors.wording import break_words
from apps.monitoring.tables import TrailTable
from apps.monitoring.tasks import verify_trail
from apps.monitoring.types import ExportKind
from apps.monitoring.wire import attachment

LINKS_AT_ONCE = 50_000
"""What a request has the time for: 130 microseconds a link on two shared cores."""


@guard(Permission.AUDIT_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def trail(request: HttpRequest) -> HttpResponse:
    """The rows that the filters leave. They are posted, so that no patient and no colleague stands in an address."""
    return _trail(request)


@guard(Permission.AUDIT_READ)
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Walk along the chain, and say what came of it; a long one is walked by the job, which no request waits for."""
    if rows_of_log.head_of_chain() > LINKS_AT_ONCE:
        services.ask_verification(by=request.actor)  # type: ignore[attr-defined]
        verify_trail.ring()
        messages.info(
            request, _("This chain is long and is being verified now. The verdict stands here in a few minutes.")
        )
        return HttpResponseRedirect(reverse("monitoring:trail"))
    report = services.verify_practice(by=request.actor)  # type: ignore[attr-defined]
    if report.ok:
        text = ngettext(
            "The chain is whole: %(count)s row follows from the first to the last.",
            "The chain is whole: %(count)s rows follow from the first to the last.",
            report.rows,
        )
        messages.success(request, text % {"count": intcomma(report.rows)})
    else:
        where = _("The chain breaks at row %(row)s.") % {"row": report.first_bad} if report.first_bad else ""
        messages.error(request, f"{where} {break_words(report.reason)}".strip())
    return HttpResponseRedirect(reverse("monitoring:trail"))


@guard(Permission.AUDIT_EXPORT)
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """The rows that the filters leave, as a file."""
    by = request.actor  # type: ignore[attr-defined]
    form = TrailForm(request.POST, by=by)
    if not form.is_valid():
        return _trail(request)
    kind = ExportKind.JSON if request.POST.get("format") == ExportKind.JSON else ExportKind.CSV
    return attachment(services.start_export(form.filters(), kind, by=by), kind)  # type: ignore[return-value]


def _trail(request: HttpRequest) -> HttpResponse:
    by = request.actor  # type: ignore[attr-defined]
    entered = posted_or_addressed(request, only_posted=("patient", "person"))
    form = TrailForm(entered, by=by)
    wrong = not form.is_valid()
    page = None if wrong else selectors.trail_of(form.filters(), page=page_number(entered), by=by)
    total = page.total if page else 0
    found = "" if page is None else ngettext("%(count)s row", "%(count)s rows", total) % {"count": intcomma(total)}
    context = {
        "form": form,
        "page": page,
        "table": TrailTable(page.lines if page else ()),
        "found": found,
        "trail": selectors.trail_status(by=by),
    }
    return render_page(
        request, "monitoring/trail.html", context, partials=("list",), live=found, status=422 if wrong else 200
    )

"""The triage board, and the poll that keeps it fresh."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from apps.authentication.types import Permission
from apps.core.patients import selectors as patients
from apps.core.triage import selectors
from apps.core.triage.forms import MINE, BoardForm
from apps.core.triage.selectors.load import LIMIT
from apps.core.triage.selectors.watch import watched
from apps.core.triage.types import BoardCounts
from apps.core.triage.views.wording import acts_of, row_words
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import posted_or_addressed, render_page, requested_partial, unchanged


@guard(Permission.TRIAGE_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def board(request: HttpRequest) -> HttpResponse:
    """The board. Filters may stand in the address; a search is posted, so that no name does."""
    by = request.actor  # type: ignore[attr-defined]
    form = BoardForm(posted_or_addressed(request, only_posted=("query",)))
    context = {**board_context(form, by), "views": selectors.saved_views_of(by)}
    if not requested_partial(request, ("board",)):
        context["silent"] = selectors.count_silent(by=by)
        context["watch"] = watched(ZoneInfo(timezone.get_current_timezone_name()), context["now"])
    total = context["board"].total
    live = ngettext("%(count)s patient", "%(count)s patients", total) % {"count": total}
    return render_page(request, "triage/board.html", context, partials=("board",), live=live)


@guard(Permission.TRIAGE_READ)
@require_POST
def changes(request: HttpRequest) -> HttpResponse:
    """204 while the practice's stamp is the one that the page was drawn with; else the board's rows and cards anew."""
    if request.POST.get("stamp") == selectors.board_stamp():
        return unchanged()
    context = board_context(BoardForm(request.POST), request.actor, still_looking=True)  # type: ignore[attr-defined]
    return render_page(request, "triage/board.html#rows", context)


def board_context(form: BoardForm, by: Actor, *, still_looking: bool = False) -> dict[str, Any]:
    """What the board's template needs."""
    filters, page = form.wanted(by)
    found = selectors.board_page(filters=filters, page=page, by=by, still_looking=still_looking, explained=False)
    return {
        "board": found,
        "cards": _cards(found.counts),
        "level": filters.level.value if filters.level else "",
        "mine": filters.panel is not None,
        "is_limited": patients.panel_of(by) is not None,
        "mine_value": MINE,
        "panel_limit": LIMIT,
        "query": filters.query,
        "waiting": bool(filters.unacknowledged),
        "words": row_words(),
        "acts": acts_of(by),
        "criteria": form.criteria(),
        "now": timezone.now(),
    }


def _cards(counts: BoardCounts) -> list[dict[str, Any]]:
    """Each level with its count and the change against 24 hours before, the most urgent first."""
    return [
        {"level": level, "count": getattr(counts, level), "change": counts.trend.get(level, 0)}
        for level in ("critical", "warning", "no_data", "normal")
    ]

"""Pages about the team's work: the queue of the silent, the load, what colleagues did."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.authentication.selectors.roles import role_name
from apps.authentication.types import Permission
from apps.core.triage import selectors
from apps.core.triage.forms import MINE, ActivityForm
from apps.core.triage.selectors.load import LIMIT
from apps.core.triage.views.wording import acts_of, row_words
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import page_number, render_page


@guard(Permission.TRIAGE_READ)
@require_safe
def compliance(request: HttpRequest) -> HttpResponse:
    """Who sends nothing, the longest silent first, and readings that wait to be verified."""
    by = request.actor  # type: ignore[attr-defined]
    mine = request.GET.get("panel") == MINE
    page = selectors.compliance_page(mine=mine, page=page_number(request.GET), by=by)
    context: dict[str, Any] = {
        "page": page,
        "mine": mine,
        "mine_value": MINE,
        "words": row_words(),
        "acts": acts_of(by),
        "now": timezone.now(),
    }
    return render_page(request, "triage/compliance.html", context)


@guard(Permission.TRIAGE_READ)
@require_safe
def load(request: HttpRequest) -> HttpResponse:
    """How many patients and open alerts everybody has."""
    by = request.actor  # type: ignore[attr-defined]
    lines = [(line, role_name(line.role) if line.role else "") for line in selectors.team_load(by=by)]
    context = {"lines": lines, "limit": LIMIT, "me": by.user_id, "now": timezone.now()}
    return render_page(request, "triage/load.html", context)


@guard(Permission.TRIAGE_READ)
@require_safe
def activity(request: HttpRequest) -> HttpResponse:
    """The newest steps of colleagues, about the patients whom the reader may open."""
    by = request.actor  # type: ignore[attr-defined]
    form = ActivityForm(request.GET)
    page = selectors.activity_page(by_people=form.by_people, page=page_number(request.GET), by=by)
    context = {"page": page, "form": form, "by_people": form.by_people, "me": by.user_id, "now": timezone.now()}
    return render_page(request, "triage/activity.html", context)

"""The log of deliveries: what left, for whom, by which way, and what became of it."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from apps.authentication.forms.telling import LogForm
from apps.authentication.selectors.people import list_members, members_by_id
from apps.authentication.types import Permission
from apps.foundation.notifications.selectors import delivery_page, title_of
from apps.foundation.notifications.selectors.wording import CHANNELS, STATES
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import page_number, render_page

_A_PAGE = 50


@guard(Permission.NOTIFICATION_LOG)
@require_safe
def delivery_log(request: HttpRequest) -> HttpResponse:
    """One page of it, newest first. What is asked for names no patient, so it may stand in the address."""
    by = request.actor  # type: ignore[attr-defined]
    form = LogForm(request.GET, people=list_members())
    asked = form.cleaned_data if form.is_valid() else {}
    page = delivery_page(
        page=page_number(request.GET),
        page_size=_A_PAGE,
        by=by,
        channel=asked.get("channel") or "",
        state=asked.get("state") or "",
        kind=asked.get("kind") or "",
        person_id=asked.get("person") or None,
    )
    names = members_by_id({row.person_id for row in page.rows})
    lines = [
        {
            "row": row,
            "title": title_of(row.kind),
            "channel": CHANNELS[row.channel],
            "state": STATES[row.state],
            "name": names[row.person_id].full_name if row.person_id in names else "",
        }
        for row in page.rows
    ]
    found = ngettext("%(count)s delivery", "%(count)s deliveries", page.total) % {"count": page.total}
    context = {"form": form, "page": page, "lines": lines, "found": found}
    return render_page(request, "notifications/log.html", context, partials=("list",), live=found)

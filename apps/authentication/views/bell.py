"""The bell: what somebody is told inside the product, and the way from there to what it is about."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.authentication.types import Permission
from apps.foundation.notifications.selectors import (
    COUNTED_AT_MOST,
    bell_page,
    count_unseen,
    find_notice,
    planned_maintenance,
    title_of,
)
from apps.foundation.notifications.services import mark_seen
from apps.foundation.notifications.types import Notice, NotificationNotFound
from apps.foundation.web.guards import guard, public, sign_in_url
from apps.foundation.web.pages import page_number, render_page, unchanged

_NEWEST, _A_PAGE = 6, 30
_watches = guard(Permission.TRIAGE_READ, not_found=(NotificationNotFound,))


@_watches
@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """The number beside the bell; nothing when it is the one that the page shows already."""
    count = count_unseen(by=request.actor)  # type: ignore[attr-defined]
    if request.GET.get("shown") == str(count):
        return unchanged()
    return render_page(request, "notifications/count.html", {"count": count, "more": count >= COUNTED_AT_MOST})


@_watches
@require_safe
def newest(request: HttpRequest) -> HttpResponse:
    """The panel under the bell."""
    page = bell_page(by=request.actor, page=1, page_size=_NEWEST)  # type: ignore[attr-defined]
    return render_page(request, "notifications/newest.html", {"lines": _lines(page.rows), "total": page.total})


@_watches
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """Everything that somebody was told, newest first."""
    by = request.actor  # type: ignore[attr-defined]
    page = bell_page(by=by, page=page_number(request.GET), page_size=_A_PAGE)
    context = {
        "page": page,
        "lines": _lines(page.rows),
        "unseen": count_unseen(by=by),
        "maintenance": planned_maintenance(timezone.now()),
    }
    return render_page(request, "notifications/notices.html", context, partials=("list",))


@public(reason="about nobody but whom it was sent to, patients too; it asks for sign-in itself")
@require_safe
def open_notice(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """The way from a push, a mail or the bell to what it is about; whoever follows it has seen it."""
    by = request.actor  # type: ignore[attr-defined]
    if by is None:
        if request.user.is_authenticated:
            raise PermissionDenied
        return HttpResponseRedirect(sign_in_url(request))
    try:
        notice = find_notice(notification_id, by=by)
    except NotificationNotFound:
        raise Http404 from None
    mark_seen(by=by, now=timezone.now(), only=[notice.id])
    return HttpResponseRedirect(_place_of(notice))


@_watches
@require_POST
def see_all(request: HttpRequest) -> HttpResponse:
    """Nothing is new any more."""
    mark_seen(by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    messages.success(request, _("All notifications are marked as seen."))
    return HttpResponseRedirect(reverse("notices"))


def _lines(rows: tuple[Notice, ...]) -> list[tuple[Notice, str]]:
    return [(row, title_of(row.kind)) for row in rows]


def _place_of(notice: Notice) -> str:
    """The address that the settings name for the kind, with the reference where it takes one."""
    name = settings.NOTIFICATION_DESTINATIONS.get(notice.kind, "")
    for arguments in ([notice.reference], []):
        try:
            return reverse(name, args=arguments)
        except NoReverseMatch:
            continue
    return reverse("notices")

"""The minutes of the month, for all active patients."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.authentication.types import Permission
from apps.core.billing import selectors
from apps.core.billing.forms import MonitoringForm
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page


@guard(Permission.TIME_READ)
@require_safe
def monitoring_time(request: HttpRequest) -> HttpResponse:
    """Who is closest to the next target, with device-days and contact. The list draws itself anew every minute."""
    now = timezone.now()
    current = selectors.month_at(now)
    form = MonitoringForm(request.GET, current=current)
    filters = form.wanted()
    page = selectors.monitoring_page(filters, by=request.actor, now=now)  # type: ignore[attr-defined]
    context = {"form": form, "filters": filters, "page": page, "is_current": filters.month == current, "now": now}
    return render_page(request, "billing/monitoring_time.html", context, partials=("list",))

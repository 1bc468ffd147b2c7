"""How well the rules serve: which of them ask for people who then do nothing."""

from datetime import UTC, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from apps.authentication.types import Permission
from apps.core.triage.forms import RESOLUTIONS
from apps.core.triage.rules.quality import OVER
from apps.core.triage.selectors.quality import rule_quality
from apps.core.triage.selectors.rule_words import RULE_LABELS
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page
from apps.foundation.web.rules import age_between
from apps.foundation.web.templatetags.web import age_text


@guard(Permission.TRIAGE_READ)
@require_safe
def quality(request: HttpRequest) -> HttpResponse:
    """Per rule in the last 30 days: fired, acted on, no action, how long it took, and what came of it."""
    found = rule_quality(by=request.actor)  # type: ignore[attr-defined]
    labels = {str(code): label for code, label in RESOLUTIONS}
    rows = [
        {
            "quality": one,
            "label": RULE_LABELS[one.rule],
            "to_take": _lasting(one.to_take),
            "to_close": _lasting(one.to_close),
            "codes": [(labels.get(code) or _("Closed without a code"), count) for code, count in one.codes.items()],
        }
        for one in found
    ]
    totals = {name: sum(getattr(one, name) for one in found) for name in ("fired", "open", "acted_on", "no_action")}
    return render_page(request, "triage/quality.html", {"rows": rows, "totals": totals, "days": OVER.days})


def _lasting(seconds: float | None) -> str:
    """A duration in words; nothing where there is none."""
    if seconds is None:
        return ""
    start = datetime(2000, 1, 1, tzinfo=UTC)
    return age_text(age_between(start, start + timedelta(seconds=max(60, seconds))))

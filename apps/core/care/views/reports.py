"""The page that leads to every report about the team's work, each with the number that says whether to look."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from apps.authentication.types import Permission
from apps.core.care import selectors
from apps.core.triage import selectors as triage
from apps.core.triage.selectors.thresholds import count_reviews_due
from apps.foundation.tenancy.types import Actor
from apps.foundation.web.guards import guard
from apps.foundation.web.pages import render_page


@dataclass(frozen=True, slots=True)
class Card:
    """One report: where it is, what it answers, and how many things in it wait for somebody."""

    address: str
    title: str
    about: str
    count: int | None = None
    counted: str = ""

    @property
    def waiting(self) -> str:
        """The number in words."""
        return self.counted % {"count": self.count} if self.count is not None else ""


@guard(Permission.TRIAGE_READ)
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """Every report that the reader may open."""
    by = request.actor  # type: ignore[attr-defined]
    return render_page(request, "care/reports.html", {"groups": [(_("Now"), _now(by)), (_("Looking back"), _back(by))]})


def _now(by: Actor) -> list[Card]:
    overdue, silent = triage.count_overdue(by=by), triage.count_silent(by=by)
    cards = [
        Card(
            reverse("triage:load"),
            _("Load"),
            _("How many patients and open alerts each member has, against 100."),
            overdue,
            ngettext("%(count)s alert past its clock", "%(count)s alerts past their clock", overdue),
        ),
        Card(
            reverse("triage:compliance"),
            _("Compliance"),
            _("Who sends nothing: 2, 4 and 7 days after the last reading."),
            silent,
            ngettext("%(count)s patient sends nothing", "%(count)s patients send nothing", silent),
        ),
    ]
    if by.may(Permission.PATIENT_READ):
        left = selectors.count_handed_over(by=by)
        cards.append(
            Card(
                reverse("care:hand_over"),
                _("Hand-over"),
                _("What one shift left to the next, by patient. It prints."),
                left,
                ngettext("%(count)s item to do", "%(count)s items to do", left),
            )
        )
    due = count_reviews_due(by=by)
    cards.append(
        Card(
            reverse("triage:reviews"),
            _("Limits to review"),
            _("Patients’ own limits whose review date is past."),
            due,
            ngettext("%(count)s review overdue", "%(count)s reviews overdue", due),
        )
    )
    return cards


def _back(by: Actor) -> list[Card]:
    cards = [
        Card(
            reverse("triage:quality"),
            _("Rule quality"),
            _("Per rule, how often it fired in 30 days, how often anyone acted, and how fast."),
        ),
        Card(reverse("triage:activity"), _("Activity"), _("What colleagues did last, in clinical words.")),
    ]
    if by.may(Permission.TIME_READ):
        address = reverse("billing:monitoring_time")
        cards.append(
            Card(address, _("Monitoring time"), _("Minutes of this month per patient, and who is close to 20."))
        )
    return cards

"""The climb of an alert that nobody takes: to the next person of the practice's ladder (AL-05)."""

from apps.core.triage.models import Alert
from apps.core.triage.services.casebook import Case, Casebook
from apps.core.triage.types import AlertState, Severity
from apps.foundation.notifications.types import Urgency


def climb(book: Casebook, case: Case) -> None:
    """Each alert whose clock has run out asks the next person, one step at a time, and they are told.

    Everybody on the ladder has one clock's time. At its end the whole team is told once. The alert stays overdue: its
    clock started when it opened. Runs under the lock of the patient's row, so that two sweeps climb one step.
    """
    for alert in case.open.values():
        due = book.next_rung_at(alert)
        if due is not None and due <= book.now:
            _climb(book, case, alert)


def _climb(book: Casebook, case: Case, alert: Alert) -> None:
    person, step = book.roster.next_on(book.duty.ladder, alert.ladder_step, case.context)
    if person is not None and person == alert.escalated_to:
        person, step = book.roster.next_on(book.duty.ladder, step, case.context)
    before = alert.state
    alert.ladder_step = step
    alert.told_at = book.now
    alert.facts = {**alert.facts, "climbed_at": int(book.now.timestamp()), "escalation": {"by": "", "reason": ""}}
    if person is not None:
        alert.escalated_to = person
        alert.state = AlertState.ESCALATED.value
    urgency = Urgency.HIGH if alert.severity == Severity.CRITICAL else Urgency.NORMAL
    book.told.append(("escalated_alert", alert.id, person, urgency.value))
    case.touched[alert.id] = alert
    book.note(alert, "climbed", before, {"to": str(person) if person else "", "step": step})

"""What the team of the demonstration left for each other: an escalation, a hand-over, reviewed rows, saved views."""

from datetime import datetime, timedelta
from uuid import UUID

from apps.core.care import services as care
from apps.core.triage import services as triage
from apps.core.triage.selectors import board_page
from apps.core.triage.types import BoardFilters, BoardRow
from apps.foundation.tenancy.types import Actor

_LEFT = (
    "Recheck after the evening dose: a reading is due at about 20:00.",
    "Son calls back about the cuff: the new one should arrive today.",
    "Did not answer twice. Try the second number after 17:00.",
)
_VIEWS = {"Nobody has it": {"waiting": "1"}, "My critical": {"level": "critical", "panel": "mine"}}
_REASON = "Third day out of range with every dose taken. Does the dose change?"


def leave_traces(*, nurse: Actor, provider: Actor, now: datetime) -> None:
    """The board of the morning shows what a team does to it."""
    rows = board_page(filters=BoardFilters(), page_size=25, by=nurse, now=now).rows
    _escalate(rows, nurse, provider, now)
    for text, row in zip(_LEFT, [row for row in rows if row.alerts][2:], strict=False):
        care.add_hand_over(patient_id=row.patient_id, text=text, by=nurse, now=now - timedelta(hours=2))
    for row in rows[5:9]:
        triage.mark_reviewed(patient_id=row.patient_id, by=provider, now=now - timedelta(minutes=40))
    for person in (nurse, provider):
        for name, criteria in _VIEWS.items():
            triage.save_view(name=name, criteria=criteria, by=person, now=now)


def _escalate(rows: tuple[BoardRow, ...], nurse: Actor, provider: Actor, now: datetime) -> None:
    """The nurse asks the provider about the first warning that she has taken."""
    to: UUID | None = provider.user_id
    for row in rows:
        for alert in row.alerts:
            if to is not None and alert.severity == "warning" and alert.acknowledged_by == nurse.user_id:
                triage.escalate_alert(
                    alert_id=alert.id, patient_id=row.patient_id, to_id=to, reason=_REASON, by=nurse, now=now
                )
                return

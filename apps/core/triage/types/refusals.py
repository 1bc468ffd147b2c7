"""Steps that the rules don't allow."""

from datetime import datetime
from uuid import UUID


class TriageRefusal(Exception):
    """A step that the rules don't allow. `code` is stable; the text holds no PHI; `field` names the faulty input."""

    code = "refused"
    field = ""


class AlertNotFound(TriageRefusal):
    """There is no such alert for this patient in this practice."""

    code = "not_found"


class AlreadyAcknowledged(TriageRefusal):
    """Somebody else has taken the alert."""

    code = "already_acknowledged"

    def __init__(self, *, by_id: UUID | None, by_name: str, at: datetime) -> None:
        """Remember who has it and since when."""
        super().__init__("the alert is already being handled")
        self.by_id = by_id
        self.by_name = by_name
        self.at = at


class AlertClosed(TriageRefusal):
    """The alert was closed before."""

    code = "alert_closed"


class AlertBecameWorse(TriageRefusal):
    """A worse reading joined the alert after the person had looked at it; the step would have been blind to it."""

    code = "became_worse"


class SnoozeRefused(TriageRefusal):
    """Too long, in the past, or a critical alert by someone who may not silence it."""

    code = "snooze_refused"
    field = "until"


class ResolutionRefused(TriageRefusal):
    """The code is unknown, or `other` came without a note."""

    code = "resolution_refused"
    field = "code"


class ThresholdRefused(TriageRefusal):
    """The limits contradict one another or a repeat limit is too long."""

    code = "threshold_refused"
    field = "limits"


class SavedViewNotFound(TriageRefusal):
    """The person keeps no such board."""

    code = "not_found"


class SavedViewRefused(TriageRefusal):
    """The name is missing or too long (`name`), or the person keeps enough boards (`too_many`): the text says which."""

    code = "view_refused"
    field = "name"


class SymptomsRefused(TriageRefusal):
    """There is no such symptom, or an answer is neither yes, no nor words. Nothing is kept."""

    code = "symptoms_refused"
    field = "answers"


class ThresholdChanged(TriageRefusal):
    """Somebody else has changed the limits since the person looked at them."""

    code = "threshold_changed"


class WearerQuestionNotFound(TriageRefusal):
    """There is no such open question about this patient."""

    code = "not_found"

"""A month of readings through the real rules and services in memory, with people who answer by the clock.

Nothing is read from the database or written to it. Everything but the database is the product's own: what is taken in,
held, opened, told and escalated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from apps.core.observations.types import RecordedObservation
from apps.core.patients.types import PatientContext
from apps.core.triage.models import Alert, TriageState
from apps.core.triage.rules.averages import EVALUATED_FROM
from apps.core.triage.rules.bands import DEFAULTS
from apps.core.triage.rules.duty import Duty, after_service_time
from apps.core.triage.rules.invented import InventedPatient, InventedReading
from apps.core.triage.services.assessment import look_again, take_in
from apps.core.triage.services.casebook import Case, Casebook
from apps.core.triage.services.duty import Roster
from apps.core.triage.services.episodes import close
from apps.core.triage.types import AlertState, RuleCode, Severity
from apps.foundation.notifications.types import Urgency
from apps.foundation.tenancy.types import PLATFORM_ID, Actor

TAKEN_AFTER = timedelta(minutes=10)
CRITICAL_CLOSED_AFTER = timedelta(minutes=40)
WARNING_CLOSED_AFTER = timedelta(hours=2)
"""How the people of a rehearsal answer, in service hours: a critical alert is taken and then resolved, counted from
when it last asked; a warning is resolved, counted from when it opened."""

_NAMES = UUID("7d0d7b0e-34f5-4c0c-9a87-0b4d6a3f6e10")
_ASKS = frozenset({"opened", "raised", "asked_again", "snooze_broken", "snooze_ended"})


@dataclass(frozen=True, slots=True, order=True)
class Ask:
    """An alert that asks for a person: when, under which rule, and the reading behind it."""

    at: datetime
    rule: RuleCode
    values: tuple[int, ...]
    measured_at: int


@dataclass(slots=True)
class Rehearsal:
    """What a patient's month asked of people. `urgent` are the notifications that leave at once."""

    critical: list[Ask] = field(default_factory=list)
    warning: list[Ask] = field(default_factory=list)
    urgent: list[tuple[datetime, str]] = field(default_factory=list)


class _Deserted(Roster):
    """A practice in which nobody stands on the ladder, so that its steps tell the team, and nobody ever leaves."""

    def next_on(self, ladder: object, step: int, context: PatientContext) -> tuple[UUID | None, int]:
        del context
        return None, max(step + 1, 1)

    def has_left(self, user_id: UUID | None) -> bool:
        del user_id
        return False


def rehearse(
    patient: InventedPatient,
    *,
    duty: Duty,
    zone: ZoneInfo,
    days: int,
    repeat_limits: Mapping[str, Mapping[str, int]] | None = None,
) -> Rehearsal:
    """The patient's month, reading by reading as they arrive, and every moment at which a sweep would look."""
    stage = _Stage(patient, duty, zone, repeat_limits or {})
    begins = patient.readings[0].arrived_at if patient.readings else datetime(2026, 1, 1, tzinfo=UTC)
    stage.run(patient.readings, until=begins + timedelta(days=days))
    return stage.outcome


class _Stage:
    """One patient's case, the time, and what people are about to do."""

    def __init__(
        self,
        patient: InventedPatient,
        duty: Duty,
        zone: ZoneInfo,
        repeat_limits: Mapping[str, Mapping[str, int]],
    ) -> None:
        self.outcome = Rehearsal()
        self._duty, self._zone = duty, zone
        self._by, self._roster = Actor.system("rehearsal", PLATFORM_ID), _Deserted(())
        self._id = uuid5(_NAMES, "patient")
        self._taken: dict[RuleCode, datetime] = {}
        self._closed: dict[RuleCode, datetime] = {}
        self._look_at: datetime | None = None
        begins = patient.readings[0].measured_at if patient.readings else datetime(2026, 1, 1, tzinfo=UTC)
        context = PatientContext(
            id=self._id,
            practice_id=PLATFORM_ID,
            time_zone=zone.key,
            conditions=patient.conditions,
            oxygen_target_low=False,
            on_oxygen=False,
            active=True,
            monitoring_since=begins.astimezone(zone).date(),
            assigned_provider_id=uuid5(_NAMES, "provider"),
        )
        state = TriageState(id=self._id, practice_id=PLATFORM_ID, window={}, board={}, level_since=begins)
        self._case = Case(context, state, True, dict(DEFAULTS), repeat_limits)

    def run(self, readings: Sequence[InventedReading], *, until: datetime) -> None:
        """Everything that happens up to then, in its order."""
        place = 0
        while True:
            due = [*self._taken.values(), *self._closed.values()]
            arrives = readings[place].arrived_at if place < len(readings) else until + timedelta(days=1)
            moment = min([arrives, *due, *([self._look_at] if self._look_at else [])])
            if moment > until:
                return
            book = Casebook(
                {}, by=self._by, now=moment, cases={self._id: self._case}, duty=self._duty, roster=self._roster
            )
            if moment == arrives:
                take_in(book, self._case, [self._recorded(readings[place], place)])
                look_again(book, self._case)
                place += 1
            elif moment in due:
                self._answer(book)
                look_again(book, self._case)
            else:
                look_again(book, self._case, in_time=True)
            self._note(book)

    def _recorded(self, reading: InventedReading, number: int) -> RecordedObservation:
        return RecordedObservation(
            id=uuid5(_NAMES, f"{reading.kind}{number}"),
            patient_id=self._id,
            kind=reading.kind,
            effective_at=reading.measured_at,
            received_at=reading.arrived_at,
            values=reading.values,
            displayed=reading.values,
            assignment_id=uuid5(_NAMES, reading.kind),
        )

    def _answer(self, book: Casebook) -> None:
        """People take and resolve what is due."""
        for rule, at in list(self._taken.items()):
            if at <= book.now:
                del self._taken[rule]
                if rule in self._case.open:
                    alert = self._case.open[rule]
                    alert.state = AlertState.ACKNOWLEDGED.value
                    alert.acknowledged_at, alert.acknowledged_by = book.now, uuid5(_NAMES, "nurse")
        for rule, at in list(self._closed.items()):
            if at <= book.now:
                del self._closed[rule]
                if rule in self._case.open:
                    state = AlertState.RESOLVED
                    close(book, self._case, self._case.open[rule], state=state, action="resolved", code="called_advice")

    def _note(self, book: Casebook) -> None:
        """What was asked is counted, people plan their answers, and the next look is known."""
        asked: dict[UUID, Alert] = {event.alert.id: event.alert for event in book.events if event.action in _ASKS}
        for alert in asked.values():
            self._plan(alert, book.now)
        self.outcome.urgent += [(book.now, kind) for kind, _, _, urgency in book.told if urgency == Urgency.HIGH]
        self._case.touched.clear()
        later = [moment for moment in book.moments(self._case) if moment > book.now]
        local = book.now.astimezone(self._zone)
        daily = datetime.combine(local.date(), time(EVALUATED_FROM), self._zone)
        later.append(daily if daily > book.now else daily + timedelta(days=1))
        self._look_at = min(later)

    def _plan(self, alert: Alert, now: datetime) -> None:
        rule, hours = RuleCode(alert.rule), self._duty.hours
        ask = Ask(now, rule, tuple(alert.facts.get("values", ())), alert.facts.get("at", 0))
        if alert.severity == Severity.CRITICAL:
            self.outcome.critical.append(ask)
            self._taken[rule] = after_service_time(now, TAKEN_AFTER, hours)
            self._closed[rule] = after_service_time(now, CRITICAL_CLOSED_AFTER, hours)
        elif alert.severity == Severity.WARNING:
            self.outcome.warning.append(ask)
            self._closed[rule] = after_service_time(now, WARNING_CLOSED_AFTER, hours)

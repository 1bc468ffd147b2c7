"""The rows of some patients, locked, changed together and written back as sets: a constant number of queries."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from apps.core.observations.types import Metric
from apps.core.patients import services as patients
from apps.core.patients.types import Condition, PatientContext, RiskLevel, TriageSummary
from apps.core.triage.models import Alert, AlertEvent, AlertThreshold, BoardStamp, RiskScore, TriageState
from apps.core.triage.rules.bands import Limits, OxygenProfile, from_plain, thresholds_for
from apps.core.triage.rules.duty import Duty
from apps.core.triage.rules.episodes import EVERY_TIME, OpenAlert, repeat_limit
from apps.core.triage.rules.score import Score, ScoreInput, next_change, score_patient
from apps.core.triage.rules.symptoms import COUNTS_FOR, severity_in_force
from apps.core.triage.rules.window import drop_before, points_of
from apps.core.triage.services.duty import Roster, current_duty
from apps.core.triage.services.summaries import is_attended, plain_board, score_row, summary_of
from apps.core.triage.types import RuleCode, Severity, SymptomSeverity
from apps.foundation.notifications.services import queue_notifications
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor

REMEMBER_CLOSED = timedelta(days=8)
"""The longest repeat limit and a day for the sweep: closed episodes older than this have no say any more."""

_ALERT_COLUMNS = [
    "severity", "state", "clock_started_at", "clock_due_at", "acknowledged_at", "acknowledged_by", "snoozed_until",
    "escalated_to", "ladder_step", "told_at", "spoke_at", "closed_at", "closed_by", "resolution_code", "facts", "note",
]  # fmt: skip
_STATE_COLUMNS = [
    "window", "board", "memory", "level", "level_since", "next_rescore_at", "patient_version", "reviewed_at",
    "reviewed_by",
]  # fmt: skip
_IDLE_COLUMNS = ["window", "memory", "next_rescore_at"]
_TOTAL = ("score", "level", "stale", "missed", "parts")
_SHOWN = ("latest", "days_with_readings", "days_expected", "owner", "held", "average", "symptom")

PlainProfile = Mapping[str, Any]


@dataclass(slots=True)
class Case:
    """One patient's rows while they are being changed.

    `closed` holds the newest closed episode of each rule, `past` all that are remembered.
    """

    context: PatientContext
    state: TriageState
    is_new: bool
    thresholds: dict[Metric, Limits]
    repeat_limits: Mapping[str, Mapping[str, int]]
    open: dict[RuleCode, Alert] = field(default_factory=dict)
    closed: dict[RuleCode, Alert] = field(default_factory=dict)
    past: list[Alert] = field(default_factory=list)
    touched: dict[UUID, Alert] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """The patient's time zone."""
        return ZoneInfo(self.context.time_zone)

    @property
    def heart_failure(self) -> bool:
        """Whether the weight-gain rules hold."""
        return Condition.HEART_FAILURE.value in self.context.conditions

    @property
    def on_diuretics(self) -> bool:
        """Whether the rule for a quick loss of weight holds."""
        return self.context.on_diuretics

    @property
    def memory(self) -> dict[str, Any]:
        """What is remembered besides readings and alerts; a change of it is saved with the state.

        `held`: [rule, reading, until] of breaches that wait for a repeat. `quiet_until`: when a repeat limit ends that
        holds something back. `average`: the newest average of blood pressures, and `average_on` the day it was made.
        `symptom`: the newest report. Times are seconds.
        """
        if self.state.memory is None:
            self.state.memory = {}
        memory: dict[str, Any] = self.state.memory
        return memory


class Casebook:
    """The cases of some patients, with what their changes leave behind: events, scores, notifications."""

    def __init__(
        self,
        contexts: Mapping[UUID, PatientContext],
        *,
        by: Actor,
        now: datetime,
        cases: dict[UUID, Case] | None = None,
        duty: Duty | None = None,
        roster: Roster | None = None,
    ) -> None:
        """The rows of these patients are locked and read, unless the cases are given, as a rehearsal keeps them."""
        self.by = by
        self.now = now
        self.events: list[AlertEvent] = []
        self.told: list[tuple[str, UUID, UUID | None, str]] = []
        self._scores: list[RiskScore] = []
        self._summaries: list[TriageSummary] = []
        self._shown_differently = False
        self._rows: list[TriageState] = []
        self._idle: list[TriageState] = []
        self._cases = _load(contexts, now) if cases is None else cases
        self._duty = duty
        self._roster = roster

    def __iter__(self) -> Iterator[Case]:
        return iter(self._cases.values())

    def __getitem__(self, patient_id: UUID) -> Case:
        return self._cases[patient_id]

    @property
    def duty(self) -> Duty:
        """What the practice in scope chose of hours, clocks, ladder and fatigue controls. Read when first asked for."""
        if self._duty is None:
            self._duty = current_duty()
        return self._duty

    @cached_property
    def roster(self) -> Roster:
        """Who works in the practice, and who nurses the patients of these cases. Read when first asked for."""
        return self._roster or Roster(list(self._cases))

    def repeat_limit(self, case: Case, rule: RuleCode, severity: Severity) -> timedelta:
        """How long the rule keeps quiet for the patient after it has spoken; a warning not at all without controls."""
        if severity is Severity.WARNING and not self.duty.holds_back:
            return timedelta(seconds=EVERY_TIME)
        return repeat_limit(case.repeat_limits, rule, severity)

    def note(self, alert: Alert, action: str, from_state: str, detail: dict[str, Any] | None = None) -> None:
        """The trail of the alert says this."""
        self.events.append(
            AlertEvent(
                alert=alert,
                at=self.now,
                action=action,
                actor_id=self.by.user_id,
                from_state=from_state,
                to_state=alert.state,
                detail=detail or {},
            )
        )

    def rescore(self, case: Case, *, cause: str, keep_equal: bool = True, shown_differently: bool = False) -> Score:
        """The case's score, board and summary say what holds now. An equal score is kept as a row if `keep_equal`.

        A patient whose record has changed since is shown differently, whatever the score says.
        """
        drop_before(case.state.window, self.now)
        given = self._score_input(case)
        score = score_patient(given)
        before = {} if case.is_new else case.state.board
        board = plain_board(case, score, self.now)
        rescored = any(before.get(name) != board[name] for name in _TOTAL)
        if rescored or keep_equal:
            self._scores.append(score_row(case, score, board, cause, self.now))
        case.state.next_rescore_at = min([next_change(score, given), *self.moments(case)])
        shown_differently = shown_differently or bool(case.touched)
        shown_differently = shown_differently or case.state.patient_version != case.context.version
        case.state.patient_version = case.context.version
        shown_differently = shown_differently or any(before.get(name) != board[name] for name in _SHOWN)
        if case.is_new or rescored or shown_differently:
            self._shown_differently = True
            case.state.board = board
            self._note_level(case, score.level)
            self._rows.append(case.state)
            self._summaries.append(summary_of(case, score))
        else:
            self._idle.append(case.state)
        return score

    def _score_input(self, case: Case) -> ScoreInput:
        return ScoreInput(
            window=points_of(case.state.window),
            thresholds=case.thresholds,
            alerts=tuple(self._open_alert(rule, alert) for rule, alert in sorted(case.open.items())),
            now=self.now,
            zone=case.zone,
            monitoring_since=case.context.monitoring_since,
            expected_days_between=case.context.expected_days_between,
            heart_failure=case.heart_failure,
            on_diuretics=case.on_diuretics,
            symptom=_symptom_of(case, self.now),
        )

    def _open_alert(self, rule: RuleCode, alert: Alert) -> OpenAlert:
        severity, started = Severity(alert.severity), alert.clock_started_at
        if is_attended(alert) or severity is Severity.NOTICE:
            return OpenAlert(rule, severity, started, is_attended(alert), alert.snoozed_until)
        twice = self.duty.due(severity, started, times=2)
        return OpenAlert(rule, severity, started, False, alert.snoozed_until, alert.clock_due_at, twice)

    def next_rung_at(self, alert: Alert) -> datetime | None:
        """When the ladder's next person is asked about an alert that waits; None where nobody is left or it doesn't."""
        if is_attended(alert) or alert.clock_due_at is None or alert.ladder_step > len(self.duty.ladder):
            return None
        climbed = alert.facts.get("climbed_at")
        if climbed is None:
            due: datetime = alert.clock_due_at
            return due
        return self.duty.due(Severity(alert.severity), datetime.fromtimestamp(climbed, UTC))

    def moments(self, case: Case) -> list[datetime]:
        """When something besides the score is to be looked at: the end of a wait, a quiet time, a snooze, a clock.

        What is over already counts, too: whoever notices first may have been no sweep.
        """
        memory = case.memory
        seconds = [until for _, _, until in memory.get("held", ())]
        if memory.get("quiet_until"):
            seconds.append(memory["quiet_until"])
        symptom = memory.get("symptom")
        if symptom and symptom["at"] + COUNTS_FOR.total_seconds() >= self.now.timestamp():
            seconds.append(symptom["at"] + int(COUNTS_FOR.total_seconds()) + 1)
        ends = [alert.snoozed_until for alert in case.open.values()]
        ends += [self.next_rung_at(alert) for alert in case.open.values()]
        return [datetime.fromtimestamp(one, UTC) for one in seconds] + [end for end in ends if end is not None]

    def _note_level(self, case: Case, level: RiskLevel) -> None:
        if case.is_new or case.state.level != level.value:
            case.state.level = level.value
            case.state.level_since = self.now

    def save(self) -> None:
        """Every change stands in the database. Runs inside the caller's transaction."""
        touched = [alert for case in self for alert in case.touched.values()]
        if self._rows:
            TriageState.objects.bulk_create(
                self._rows, update_conflicts=True, unique_fields=["id"], update_fields=_STATE_COLUMNS
            )
        if self._idle:
            TriageState.objects.bulk_create(
                self._idle, update_conflicts=True, unique_fields=["id"], update_fields=_IDLE_COLUMNS
            )
        if touched:
            Alert.objects.bulk_create(
                touched, update_conflicts=True, unique_fields=["id"], update_fields=_ALERT_COLUMNS
            )
        if self.events:
            AlertEvent.objects.bulk_create(self.events)
        if self._scores:
            RiskScore.objects.bulk_create(self._scores)
        if self._summaries:
            patients.record_triage_summaries(self._summaries, by=self.by)
        if self.told:
            queue_notifications(self.told)
        if self._shown_differently:
            bump_stamp()


def bump_stamp() -> None:
    """Open boards of the practice in scope will ask for their rows again."""
    if not BoardStamp.objects.update(version=F("version") + 1):
        BoardStamp.objects.bulk_create([BoardStamp()], ignore_conflicts=True)


def current_profiles(patient_ids: Iterable[UUID]) -> tuple[PlainProfile, dict[UUID, PlainProfile]]:
    """The practice's profile in force and each patient's own, in one query."""
    rows = AlertThreshold.objects.filter(
        Q(patient__isnull=True) | Q(patient_id__in=list(patient_ids)), ended_at__isnull=True
    )
    practice: PlainProfile = {}
    own: dict[UUID, PlainProfile] = {}
    for row in rows:
        if row.patient_id is None:
            practice = row.profile
        else:
            own[row.patient_id] = row.profile
    return practice, own


def thresholds_of(context: PatientContext, practice: PlainProfile, own: PlainProfile) -> dict[Metric, Limits]:
    """The limits that hold for a patient."""
    return thresholds_for(
        from_plain(practice.get("limits", {})),
        from_plain(own.get("limits", {})),
        oxygen_target_low=context.oxygen_target_low,
        on_oxygen=context.on_oxygen,
        oxygen_profile=OxygenProfile(practice.get("oxygen_profile", OxygenProfile.STANDARD)),
    )


def _load(contexts: Mapping[UUID, PatientContext], now: datetime) -> dict[UUID, Case]:
    ids = sorted(contexts)
    patients.lock_patients(ids)
    states = {row.id: row for row in TriageState.objects.select_for_update().filter(id__in=ids).order_by("id")}
    practice, own = current_profiles(ids)
    practice_repeat = practice.get("repeat", {})
    cases: dict[UUID, Case] = {}
    for patient_id in ids:
        context, profile = contexts[patient_id], own.get(patient_id, {})
        state = states.get(patient_id)
        cases[patient_id] = Case(
            context=context,
            state=state or _new_state(patient_id, now),
            is_new=state is None,
            thresholds=thresholds_of(context, practice, profile),
            repeat_limits={**practice_repeat, **profile.get("repeat", {})},
        )
    recent = Q(closed_at__isnull=True) | Q(closed_at__gt=now - REMEMBER_CLOSED)
    for alert in Alert.objects.filter(recent, patient_id__in=ids).order_by("opened_at", "id"):
        case = cases[alert.patient_id]
        (case.open if alert.closed_at is None else case.closed)[RuleCode(alert.rule)] = alert
        if alert.closed_at is not None:
            case.past.append(alert)
    return cases


def _new_state(patient_id: UUID, now: datetime) -> TriageState:
    return TriageState(
        id=patient_id,
        practice_id=current_practice_id(),
        patient_id=patient_id,
        window={},
        board={},
        level_since=now,
        next_rescore_at=now,
    )


def _symptom_of(case: Case, now: datetime) -> SymptomSeverity:
    newest = case.memory.get("symptom")
    if newest is None:
        return SymptomSeverity.NONE
    age = timedelta(seconds=now.timestamp() - newest["at"])
    red_flag_open = RuleCode.SYMPTOM_RED_FLAG in case.open
    return severity_in_force(SymptomSeverity(newest["severity"]), age, red_flag_open=red_flag_open)

"""The rows of some patients, locked, changed together and written back as sets: a constant number of queries."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from apps.core.observations.types import Metric, ReadingKind
from apps.core.patients import services as patients
from apps.core.patients.types import Condition, PatientContext, RiskLevel, TriageSummary
from apps.core.triage.models import Alert, AlertEvent, AlertThreshold, BoardStamp, RiskScore, TriageState
from apps.core.triage.rules.bands import Limits, OxygenProfile, from_plain, thresholds_for
from apps.core.triage.rules.episodes import OpenAlert
from apps.core.triage.rules.judgement import Judged
from apps.core.triage.rules.score import VERSION, Score, ScoreInput, next_change, reading_facts, score_patient
from apps.core.triage.rules.window import METRICS, drop_before, points_of
from apps.core.triage.types import AlertState, Band, RuleCode, Severity
from apps.foundation.notifications.services import queue_notifications
from apps.foundation.tenancy.services import current_practice_id
from apps.foundation.tenancy.types import Actor

REMEMBER_CLOSED = timedelta(days=8)
"""The longest repeat limit and a day for the sweep: closed episodes older than this have no say any more."""

_ALERT_COLUMNS = [
    "severity", "state", "clock_started_at", "clock_due_at", "acknowledged_at", "acknowledged_by", "snoozed_until",
    "escalated_to", "told_at", "spoke_at", "closed_at", "closed_by", "resolution_code", "facts", "note",
]  # fmt: skip
_STATE_COLUMNS = [
    "window", "board", "level", "level_since", "next_rescore_at", "patient_version", "reviewed_at", "reviewed_by",
]  # fmt: skip
_TOTAL = ("score", "level", "stale", "missed", "parts")
_SHOWN = ("latest", "days_with_readings", "days_expected", "owner")

PlainProfile = Mapping[str, Any]


@dataclass(slots=True)
class Case:
    """One patient's rows while they are being changed."""

    context: PatientContext
    state: TriageState
    is_new: bool
    thresholds: dict[Metric, Limits]
    repeat_limits: Mapping[str, Mapping[str, int]]
    open: dict[RuleCode, Alert] = field(default_factory=dict)
    closed: dict[RuleCode, Alert] = field(default_factory=dict)
    touched: dict[UUID, Alert] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """The patient's time zone."""
        return ZoneInfo(self.context.time_zone)

    @property
    def heart_failure(self) -> bool:
        """Whether the weight-gain rules hold."""
        return Condition.HEART_FAILURE.value in self.context.conditions


class Casebook:
    """The cases of some patients, with what their changes leave behind: events, scores, notifications."""

    def __init__(self, contexts: Mapping[UUID, PatientContext], *, by: Actor, now: datetime) -> None:
        self.by = by
        self.now = now
        self.events: list[AlertEvent] = []
        self.told: list[tuple[str, UUID, UUID | None, str]] = []
        self._scores: list[RiskScore] = []
        self._summaries: list[TriageSummary] = []
        self._shown_differently = False
        self._rows: list[TriageState] = []
        self._idle: list[TriageState] = []
        self._cases = _load(contexts, now)

    def __iter__(self) -> Iterator[Case]:
        return iter(self._cases.values())

    def __getitem__(self, patient_id: UUID) -> Case:
        return self._cases[patient_id]

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
        given = _score_input(case, self.now)
        score = score_patient(given)
        before = {} if case.is_new else case.state.board
        board = _board(case, score, self.now)
        rescored = any(before.get(name) != board[name] for name in _TOTAL)
        if rescored or keep_equal:
            self._scores.append(_score_row(case, score, board, cause, self.now))
        case.state.next_rescore_at = next_change(score, given)
        shown_differently = shown_differently or bool(case.touched)
        shown_differently = shown_differently or case.state.patient_version != case.context.version
        case.state.patient_version = case.context.version
        shown_differently = shown_differently or any(before.get(name) != board[name] for name in _SHOWN)
        if case.is_new or rescored or shown_differently:
            self._shown_differently = True
            case.state.board = board
            self._note_level(case, score.level)
            self._rows.append(case.state)
            self._summaries.append(_summary(case, score))
        else:
            self._idle.append(case.state)
        return score

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
                self._idle, update_conflicts=True, unique_fields=["id"], update_fields=["window", "next_rescore_at"]
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


def is_attended(alert: Alert) -> bool:
    """Whether a person has taken the alert, or silenced it for now."""
    return alert.acknowledged_at is not None or alert.state == AlertState.SNOOZED


def _score_input(case: Case, now: datetime) -> ScoreInput:
    alerts = tuple(
        OpenAlert(rule, Severity(alert.severity), alert.clock_started_at, is_attended(alert), alert.snoozed_until)
        for rule, alert in sorted(case.open.items())
    )
    return ScoreInput(
        window=points_of(case.state.window),
        thresholds=case.thresholds,
        alerts=alerts,
        now=now,
        zone=case.zone,
        monitoring_since=case.context.monitoring_since,
        expected_days_between=case.context.expected_days_between,
        heart_failure=case.heart_failure,
    )


def _board(case: Case, score: Score, now: datetime) -> dict[str, Any]:
    return {
        "score": score.value,
        "level": score.level.value,
        "stale": score.stale,
        "missed": score.missed_days,
        "parts": [{"code": part.code.value, "points": part.points, "facts": part.facts} for part in score.parts],
        "latest": [_latest(case, kind, readings[-1]) for kind, readings in sorted(score.judged.items())],
        "alerts": [_alert_on_board(alert) for _, alert in sorted(case.open.items())],
        "days_with_readings": score.days_with_readings,
        "days_expected": -(-7 // case.context.expected_days_between),
        "zone": case.context.time_zone,
        "owner": case.context.assigned_provider_id and str(case.context.assigned_provider_id),
        "computed_at": now.isoformat(),
    }


def _latest(case: Case, kind: ReadingKind, newest: Judged) -> dict[str, Any]:
    """The newest reading of a kind, and whether any limit is there to judge it."""
    weighed = kind is ReadingKind.WEIGHT and (case.heart_failure or newest.band is not Band.IN_RANGE)
    return reading_facts(kind, newest) | {"judged": weighed or any(one in case.thresholds for one in METRICS[kind])}


def _alert_on_board(alert: Alert) -> dict[str, Any]:
    readings = alert.facts.get("readings", ())

    def text(value: Any) -> str | None:
        return None if value is None else value.isoformat() if isinstance(value, datetime) else str(value)

    return {
        "id": str(alert.id),
        "rule": alert.rule,
        "severity": alert.severity,
        "state": alert.state,
        "opened_at": text(alert.opened_at),
        "clock_due_at": text(alert.clock_due_at),
        "acknowledged_at": text(alert.acknowledged_at),
        "acknowledged_by": text(alert.acknowledged_by),
        "snoozed_until": text(alert.snoozed_until),
        "escalated_to": text(alert.escalated_to),
        "facts": {name: value for name, value in alert.facts.items() if name != "readings"},
        "breaches": len(readings),
        "last_at": readings[-1][0] if readings else None,
    }


def _score_row(case: Case, score: Score, board: Mapping[str, Any], cause: str, now: datetime) -> RiskScore:
    return RiskScore(
        patient_id=case.context.id,
        computed_at=now,
        version=VERSION,
        cause=cause,
        score=score.value,
        level=score.level.value,
        stale=score.stale,
        parts=board["parts"],
    )


def _summary(case: Case, score: Score) -> TriageSummary:
    asking = [alert for alert in case.open.values() if alert.severity != Severity.NOTICE]
    severities = {alert.severity for alert in asking}
    worst = next((one.value for one in (Severity.CRITICAL, Severity.WARNING) if one.value in severities), "")
    return TriageSummary(
        patient_id=case.context.id,
        risk_score=score.value,
        risk_level=score.level,
        open_alerts=len(asking),
        unacknowledged_alerts=sum(not is_attended(alert) for alert in asking),
        worst_severity=worst,
        stale=score.stale,
        last_reading_at=None if score.last_at is None else datetime.fromtimestamp(score.last_at, UTC),
    )

"""The life of an alert: which step may follow which, clocks, snoozes, repeat limits. Source: requirements 4.2."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.core.triage.types import (
    AlertState,
    ResolutionCode,
    ResolutionRefused,
    RuleCode,
    Severity,
    SnoozeRefused,
    ThresholdRefused,
)

MAX_SNOOZE = {
    Severity.WARNING: timedelta(days=7),
    Severity.CRITICAL: timedelta(hours=4),
    Severity.NOTICE: timedelta(days=7),
}
"""AL-04."""

EVERY_TIME, HOURLY, DAILY, WEEKLY = 0, 3600, 86_400, 604_800
REPEAT_CHOICES = (EVERY_TIME, HOURLY, DAILY, WEEKLY)
MAX_CRITICAL_REPEAT = HOURLY
DEFAULT_REPEAT = HOURLY
"""AL-02: seconds before a rule speaks again for the same patient; a critical alert at most an hour."""
DEFAULT_REPEAT_OF: Mapping[RuleCode, int] = {RuleCode.BLOOD_PRESSURE_AVERAGE: WEEKLY}
"""Where the hour would be nonsense: what is evaluated once a day says the same tomorrow."""

WORSE_BY: Mapping[RuleCode, int] = {
    RuleCode.BLOOD_PRESSURE_HIGH: 10,
    RuleCode.BLOOD_PRESSURE_LOW: 10,
    RuleCode.PULSE_HIGH: 10,
    RuleCode.PULSE_LOW: 10,
    RuleCode.SPO2_LOW: 2,
    RuleCode.GLUCOSE_HIGH: 20,
    RuleCode.GLUCOSE_LOW: 10,
    RuleCode.WEIGHT_GAIN: 5,
    RuleCode.WEIGHT_LOSS: 5,
    RuleCode.BLOOD_PRESSURE_AVERAGE: 10,
}
"""How much farther from its limit a reading must lie to be clearly worse than the one that people were last asked
about: mmHg, beats a minute, % SpO2, mg/dL, tenths of a kilogram. By convention, no guideline: well above what a device
scatters by, so that 181 after 182 asks nobody anew. A low glucose has less room to fall than a high one to rise."""

COMPLIANCE_LEVELS = (2, 4, 7)
"""After how many missed days in a row somebody is asked to look, and asked again (TRI-16, AL-09)."""
ALWAYS_WORSE = frozenset({RuleCode.UNVERIFIED_CRITICAL, RuleCode.SYMPTOM_RED_FLAG})
"""What can't be ranked: every new one is worse than all before it."""

STEPS: Mapping[str, tuple[AlertState, ...]] = {
    "acknowledge": (AlertState.NEW, AlertState.ESCALATED, AlertState.SNOOZED),
    "escalate": (AlertState.NEW, AlertState.ACKNOWLEDGED, AlertState.SNOOZED, AlertState.ESCALATED),
    "snooze": (AlertState.NEW, AlertState.ACKNOWLEDGED, AlertState.ESCALATED, AlertState.SNOOZED),
    "resolve": (AlertState.NEW, AlertState.ACKNOWLEDGED, AlertState.ESCALATED, AlertState.SNOOZED),
}
"""From which states a step may be taken."""


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An open alert as the score sees it. `attended`: acknowledged, or silenced for now by a person.

    `due_at` and `twice_due_at`: when its clock has run out once and twice; only of one that waits for a person.
    """

    rule: RuleCode
    severity: Severity
    clock_started_at: datetime
    attended: bool = False
    snoozed_until: datetime | None = None
    due_at: datetime | None = None
    twice_due_at: datetime | None = None


def may_step(step: str, state: AlertState) -> bool:
    """Whether an alert in this state can take the step."""
    return state in STEPS[step]


def check_snooze(severity: Severity, until: datetime, now: datetime, *, may_snooze_critical: bool) -> None:
    """Returns if the alert may be silenced until then. Raises SnoozeRefused."""
    if severity is Severity.CRITICAL and not may_snooze_critical:
        raise SnoozeRefused("a critical alert is silenced by a clinician only")
    if until <= now:
        raise SnoozeRefused("the end of a snooze lies in the future")
    if until - now > MAX_SNOOZE[severity]:
        raise SnoozeRefused("the snooze is too long")


def check_resolution(code: str, note: str) -> ResolutionCode:
    """The resolution code. Raises ResolutionRefused for an unknown one, or for `other` without a note."""
    if code not in set(ResolutionCode):
        raise ResolutionRefused("unknown resolution code")
    if code == ResolutionCode.OTHER and not note.strip():
        raise ResolutionRefused("this code needs a note")
    return ResolutionCode(code)


def check_repeat_limits(limits: Mapping[str, Mapping[str, int]]) -> None:
    """Returns if each repeat limit is one of the choices, a critical one at most an hour. Raises ThresholdRefused."""
    for rule, by_severity in limits.items():
        if rule not in set(RuleCode):
            raise ThresholdRefused("unknown rule")
        for severity, seconds in by_severity.items():
            if severity not in (Severity.WARNING, Severity.CRITICAL) or seconds not in REPEAT_CHOICES:
                raise ThresholdRefused("a repeat limit is every time, an hour, a day or a week")
            if severity == Severity.CRITICAL and seconds > MAX_CRITICAL_REPEAT:
                raise ThresholdRefused("a critical alert repeats at least every hour")


def repeat_limit(limits: Mapping[str, Mapping[str, int]], rule: RuleCode, severity: Severity) -> timedelta:
    """How long the rule keeps quiet for the same patient after it has spoken."""
    default = DEFAULT_REPEAT_OF.get(rule, DEFAULT_REPEAT) if severity is Severity.WARNING else DEFAULT_REPEAT
    return timedelta(seconds=limits.get(rule.value, {}).get(severity.value, default))


def opens_again(
    severity: Severity, spoke_at: datetime | None, limit: timedelta, now: datetime, *, worse: bool = False
) -> bool:
    """Whether a breach after a closed episode opens a new one. A critical one always does, and a clearly worse one."""
    return severity is Severity.CRITICAL or worse or spoke_at is None or now - spoke_at >= limit


def clearly_worse(rule: RuleCode, severity: Severity, excess: int, asked_severity: Severity, asked_excess: int) -> bool:
    """Whether a breach is so much worse than the one that people were last asked about that they must hear of it.

    A graver severity always is; within the same one the distance from the limit counts, by steps of the metric.
    """
    if severity is not asked_severity:
        return severity is Severity.CRITICAL
    return excess - asked_excess >= WORSE_BY.get(rule, 1)


def compliance_level(missed_days: int) -> int:
    """The level of the notice about so many missed days: 2, 4 or 7; 0 where none is due."""
    return max((level for level in COMPLIANCE_LEVELS if missed_days >= level), default=0)


def tells_again(told_at: datetime | None, limit: timedelta, now: datetime) -> bool:
    """Whether a further breach of an open episode that nobody has taken is told to people again."""
    return told_at is None or now - told_at >= limit

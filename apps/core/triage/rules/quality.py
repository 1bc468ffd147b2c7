"""How well a rule serves: how often it fired, and how often anyone acted. Source: requirements AL-10."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from apps.core.triage.rules.trend import median
from apps.core.triage.types import ResolutionCode, RuleCode

OVER = timedelta(days=30)

ACTED = frozenset(
    {
        ResolutionCode.CALLED_ADVICE,
        ResolutionCode.MEDICATION_CHANGED,
        ResolutionCode.SENT_TO_EMERGENCY,
        ResolutionCode.UNABLE_TO_REACH,
        ResolutionCode.OTHER,
    }
)
"""Codes that say that somebody did something for the patient. A repeat that was normal, a faulty device and a value
that was expected changed nothing: those alerts need not have come. Source: a convention of this product."""

NOISY_SHARE = 50
NOISY_FROM = 5
"""A rule of which half or more, of at least five closed alerts, led to nothing is worth looking at."""


@dataclass(frozen=True, slots=True)
class Fired:
    """One alert as the quality of its rule sees it. `escalated` by a person; `taken_at` when a person first took it."""

    id: UUID
    rule: RuleCode
    is_critical: bool
    opened_at: datetime
    closed_at: datetime | None
    code: str
    taken_at: datetime | None = None
    escalated: bool = False

    @property
    def acted_on(self) -> bool:
        """Whether it led to something."""
        return self.escalated or self.code in ACTED


@dataclass(frozen=True, slots=True)
class RuleQuality:
    """One rule over the period. Times are medians in seconds; None where nothing was taken or closed."""

    rule: RuleCode
    fired: int
    critical: int
    open: int
    acted_on: int
    no_action: int
    to_take: float | None
    to_close: float | None
    codes: Mapping[str, int] = field(default_factory=dict)

    @property
    def no_action_share(self) -> int | None:
        """Of the alerts that were closed, how many in a hundred led to nothing; None where none was closed."""
        closed = self.acted_on + self.no_action
        return round(100 * self.no_action / closed) if closed else None

    @property
    def is_noisy(self) -> bool:
        """Whether it is worth asking if the rule should fire as it does."""
        share = self.no_action_share
        return share is not None and share >= NOISY_SHARE and self.acted_on + self.no_action >= NOISY_FROM


def qualities(alerts: Iterable[Fired]) -> list[RuleQuality]:
    """The rules that fired, the one that led to nothing most often first."""
    by_rule: dict[RuleCode, list[Fired]] = {}
    for alert in alerts:
        by_rule.setdefault(alert.rule, []).append(alert)
    found = [_quality(rule, some) for rule, some in by_rule.items()]
    return sorted(found, key=lambda one: (-one.no_action, -one.fired, one.rule))


def _quality(rule: RuleCode, alerts: list[Fired]) -> RuleQuality:
    closed = [alert for alert in alerts if alert.closed_at is not None]
    acted = sum(alert.acted_on for alert in closed)
    return RuleQuality(
        rule=rule,
        fired=len(alerts),
        critical=sum(alert.is_critical for alert in alerts),
        open=len(alerts) - len(closed),
        acted_on=acted,
        no_action=len(closed) - acted,
        to_take=_median(_seconds(alert.opened_at, alert.taken_at) for alert in alerts),
        to_close=_median(_seconds(alert.opened_at, alert.closed_at) for alert in closed),
        codes=dict(Counter(alert.code or "" for alert in closed).most_common()),
    )


def _seconds(start: datetime, end: datetime | None) -> float | None:
    return None if end is None else (end - start).total_seconds()


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None

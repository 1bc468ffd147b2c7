"""Limits as rows of a table."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from apps.core.triage.rules.bands import Limits
from apps.core.triage.rules.limits import SIDES
from apps.core.triage.selectors.rule_words import METRIC_UNITS, SOURCE_LABELS
from apps.core.triage.selectors.thresholds import LimitsInForce, LimitSource


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One metric with its limits in the order of the scale, and where they come from in words."""

    metric: str
    unit: str
    cells: tuple[tuple[str, int | None], ...]
    source: Any
    is_own: bool


def limit_rows(limits: Iterable[LimitsInForce]) -> list[LimitRow]:
    """The limits, ready to show: "≤ 90" on the low side, "≥ 180" on the high one."""
    return [
        LimitRow(
            one.metric.value,
            METRIC_UNITS[one.metric],
            _cells(one.limits),
            SOURCE_LABELS[one.source],
            one.source is LimitSource.OWN,
        )
        for one in limits
    ]


def _cells(limits: Limits) -> tuple[tuple[str, int | None], ...]:
    return tuple(("≤" if side.endswith("low") else "≥", getattr(limits, side)) for side in SIDES)

"""What a stored summary is still worth when it is read: silence is never shown as normal, even if no sweep ran."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.core.patients.types import RiskLevel
from apps.core.triage.rules.score import DAY, NO_DATA_AFTER
from apps.core.triage.types import Severity


def as_it_stands(board: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    """The summary; without score and parts, at the level no_data, once its newest value is older than 72 hours.

    An open alert keeps the level. Source: requirements 4.3.
    """
    newest = max((facts["at"] for facts in board["latest"]), default=None)
    age = None if newest is None else int(now.timestamp()) - newest
    if age is not None and age <= NO_DATA_AFTER:
        return board
    if any(alert["severity"] != Severity.NOTICE for alert in board["alerts"]):
        return {**board, "stale": True}
    missed = board["missed"] if age is None else max(board["missed"], age // DAY)
    none = {"score": None, "level": RiskLevel.NO_DATA.value, "stale": False, "parts": [], "missed": missed}
    return {**board, **none}

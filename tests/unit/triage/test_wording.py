"""Facts in words: the sample sentence of requirements 4.3, and every kind of line."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from apps.core.triage.rules.window import long_id, short_id
from apps.core.triage.selectors.wording import (
    alert_title,
    explain,
    moment_text,
    part_lines,
    reason_text,
    score_text,
)
from apps.core.triage.types import PartCode

NOW = datetime(2026, 3, 12, 15, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/Chicago")
ID = short_id(uuid4())


def seconds(hour: int, minute: int, days_ago: int = 0) -> int:
    local = datetime(2026, 3, 12, hour, minute, tzinfo=ZONE) - timedelta(days=days_ago)
    return int(local.timestamp())


PRESSURE = {"kind": "blood_pressure", "values": [168, 102], "mark": 0, "at": seconds(7, 12), "ids": [ID]}
GLUCOSE = {"kind": "glucose", "values": [262], "mark": 0, "at": seconds(7, 20), "ids": [ID]}


def board(score: int | None, *parts: tuple[str, int, dict[str, Any]], **fields: Any) -> dict[str, Any]:
    lines = [{"code": code, "points": points, "facts": facts} for code, points, facts in parts]
    return {"score": score, "missed": 4, "parts": lines, "alerts": [], "zone": "America/Chicago"} | fields


SAMPLE = board(
    62,
    ("current", 30, PRESSURE),
    ("other_metrics", 10, {"readings": [GLUCOSE]}),
    ("persistence", 12, {"kind": "blood_pressure", "days": 4, "direction": "high", "readings": 3, "ids": [ID]}),
    ("trend", 10, {"slope": {"metric": "systolic", "per_day": 5.0, "limit": 180, "days": 2.4, "direction": "high"}}),
)


@pytest.fixture(autouse=True)
def readers_clock() -> Iterator[None]:
    """The reader sits in the patient's zone."""
    with timezone.override(ZONE):
        yield


def said(shown: dict[str, Any]) -> str:
    return score_text(shown, part_lines(shown, NOW))


def test_the_sample_sentence() -> None:
    assert said(SAMPLE) == ("62 = 30 BP 168/102 today 07:12 + 10 glucose 262 + 12 high on 4 of 7 days + 10 rising")
    assert reason_text(SAMPLE, NOW) == "BP 168/102, glucose 262, high on 4 of 7 days, rising"


def test_a_trend_of_another_kind_is_named() -> None:
    """A low glucose must never read as "glucose 48, rising" because the blood pressure rises."""
    low = {"kind": "glucose", "values": [48], "mark": 0, "at": seconds(7, 20), "ids": [ID]}
    rising = {"slope": {"metric": "systolic", "per_day": 1.0, "limit": 130, "days": 6.0, "direction": "high"}}
    assert reason_text(board(66, ("current", 60, low), ("trend", 6, rising)), NOW) == "glucose 48, systolic rising"


def test_a_line_names_the_readings_behind_it() -> None:
    lines = part_lines(SAMPLE, NOW)
    assert [line.observation_ids for line in lines] == [(str(long_id(ID)),)] * 3 + [()]
    assert lines[0].label == "Worst current reading"


@pytest.mark.parametrize(
    ("code", "facts", "text"),
    [
        (PartCode.FLOOR, {"to": 76, "because": "critical_alert"}, "raised to 76 because a critical alert is open"),
        (PartCode.FLOOR, {"to": 26, "because": "warning_alert"}, "raised to 26 because a warning alert is open"),
        (PartCode.FLOOR, {"to": 76, "because": "red_flag"}, "raised to 76 because of a red-flag symptom"),
        (PartCode.CAP, {"to": 100}, "limited to 100"),
        (PartCode.MISSING_DATA, {"days": 1}, "no data for 1 day"),
        (PartCode.MISSING_DATA, {"days": 5}, "no data for 5 days"),
        (PartCode.SYMPTOM, {"symptom": "red_flag"}, "red-flag symptom reported"),
        (PartCode.SYMPTOM, {"symptom": "reported"}, "symptom reported"),
        (PartCode.TREND, {"shift": {"metric": "pulse", "direction": "high"}}, "pulse higher than usual"),
        (PartCode.TREND, {"shift": {"metric": "pulse", "direction": "low"}}, "pulse lower than usual"),
        (
            PartCode.PERSISTENCE,
            {"kind": "spo2", "days": 1, "direction": "low", "readings": 2},
            "SpO2 low in 2 of the last 3 readings",
        ),
        (PartCode.UNATTENDED, {"since": seconds(9, 5)}, "nobody has taken the alert since today 09:05"),
    ],
)
def test_lines(code: PartCode, facts: dict[str, Any], text: str) -> None:
    assert explain(code, facts, NOW, ZONE) == text


def test_a_limited_sum_shows_a_minus() -> None:
    limited = board(100, ("current", 60, PRESSURE), ("symptom", 45, {"symptom": "red_flag"}), ("cap", -5, {"to": 100}))
    assert said(limited).endswith("- 5 limited to 100")


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (seconds(7, 12), "today 07:12"),
        (seconds(21, 40, 1), "yesterday 21:40"),
        (seconds(7, 12, 10), "Mar 2, 07:12"),
    ],
)
def test_moments_are_the_patients_own(moment: int, text: str) -> None:
    assert moment_text(moment, NOW, ZONE) == text


def test_another_clock_than_the_readers_is_named() -> None:
    with timezone.override(ZoneInfo("America/Los_Angeles")):
        assert moment_text(seconds(7, 12), NOW, ZONE) == "today 07:12 CDT"


def test_a_slope_and_a_shift_of_different_metrics_are_both_named() -> None:
    slope = {"metric": "systolic", "direction": "high", "per_day": 1.0, "limit": 140, "days": 3.0}
    shift = {"metric": "glucose", "direction": "high"}
    both = explain(PartCode.TREND, {"slope": slope, "shift": shift}, NOW, ZONE, "blood_pressure")
    assert both == "systolic rising, glucose higher than usual"
    same = explain(PartCode.TREND, {"slope": slope, "shift": shift | {"metric": "systolic"}}, NOW, ZONE, "")
    assert same == "systolic rising"


def test_a_notice_never_stands_for_the_alert_that_holds_the_score_up() -> None:
    alerts = [
        {"rule": "non_compliant", "severity": "notice", "facts": {"days": 2}},
        {"rule": "blood_pressure_high", "severity": "warning", "facts": PRESSURE},
        {"rule": "spo2_low", "severity": "critical", "facts": {**GLUCOSE, "kind": "spo2", "values": [85]}},
    ]
    raised = board(76, ("floor", 76, {"to": 76, "because": "critical_alert"}), alerts=alerts)
    assert reason_text(raised, NOW) == "SpO2 85"


def test_a_breach_that_waits_for_a_repeat_says_until_when() -> None:
    held = [["blood_pressure_high", ID, seconds(10, 9)], ["blood_pressure_low", ID, seconds(10, 14)]]
    waiting = board(30, ("current", 30, PRESSURE), held=held)
    assert reason_text(waiting, NOW) == "BP 168/102, waiting for a repeat until 10:14"
    over = board(30, ("current", 30, PRESSURE), held=[["blood_pressure_high", ID, seconds(9, 59)]])
    assert reason_text(over, NOW) == "BP 168/102"


def test_nothing_and_nothing_wrong() -> None:
    assert said(board(None)) == "No data for 4 days"
    assert reason_text(board(None, missed=0), NOW) == "No data yet"
    calm = board(0, latest=[PRESSURE])
    assert (said(calm), reason_text(calm, NOW)) == ("0 = 0", "in range")


@pytest.mark.parametrize(
    ("rule", "facts", "title"),
    [
        ("blood_pressure_high", PRESSURE, "BP 168/102"),
        ("glucose_high", {"kind": "glucose", "values": [600], "mark": 1}, "Glucose HI"),
        ("glucose_low", {"kind": "glucose", "values": [20], "mark": -1}, "Glucose LO"),
        ("weight_gain", {"kind": "weight", "values": [824], "change": 24, "days": 3}, "Weight +2.4 kg in 3 days"),
        ("weight_gain", {"kind": "weight", "values": [824], "change": 15, "days": 1}, "Weight +1.5 kg in 1 day"),
        ("unverified_critical", {"metrics": {"spo2": "45"}}, "Unverified: SpO2 45"),
        ("non_compliant", {"days": 2}, "No data for 2 days"),
    ],
)  # fmt: skip
def test_titles(rule: str, facts: dict[str, Any], title: str) -> None:
    assert alert_title(rule, facts, NOW, ZONE) == title

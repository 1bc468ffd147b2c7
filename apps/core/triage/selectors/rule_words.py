"""Rules, limits and their sources in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _lazy

from apps.core.observations.types import Metric
from apps.core.triage.selectors.thresholds import LimitSource
from apps.core.triage.types import RuleCode

RULE_LABELS: dict[RuleCode, Promise] = {
    RuleCode.BLOOD_PRESSURE_HIGH: _lazy("Blood pressure high"),
    RuleCode.BLOOD_PRESSURE_LOW: _lazy("Blood pressure low"),
    RuleCode.PULSE_HIGH: _lazy("Pulse high"),
    RuleCode.PULSE_LOW: _lazy("Pulse low"),
    RuleCode.SPO2_LOW: _lazy("SpO2 low"),
    RuleCode.GLUCOSE_HIGH: _lazy("Glucose high"),
    RuleCode.GLUCOSE_LOW: _lazy("Glucose low"),
    RuleCode.WEIGHT_GAIN: _lazy("Weight gain"),
    RuleCode.WEIGHT_LOSS: _lazy("Weight loss"),
    RuleCode.BLOOD_PRESSURE_AVERAGE: _lazy("Blood pressure, 7-day average"),
    RuleCode.SYMPTOM_RED_FLAG: _lazy("Red-flag symptom"),
    RuleCode.UNVERIFIED_CRITICAL: _lazy("Unverified critical reading"),
    RuleCode.NON_COMPLIANT: _lazy("No data"),
}

SIDE_LABELS: dict[str, Promise] = {
    "critical_low": _lazy("Critical, at or below"),
    "warning_low": _lazy("Warning, at or below"),
    "advisory_low": _lazy("Advisory, at or below"),
    "advisory_high": _lazy("Advisory, at or above"),
    "warning_high": _lazy("Warning, at or above"),
    "critical_high": _lazy("Critical, at or above"),
}

SOURCE_LABELS: dict[LimitSource, Promise] = {
    LimitSource.OWN: _lazy("own"),
    LimitSource.OXYGEN_TARGET: _lazy("oxygen target 88–92 %"),
    LimitSource.PRACTICE: _lazy("practice"),
    LimitSource.STRICT: _lazy("practice, stricter SpO2"),
    LimitSource.DEFAULT: _lazy("default"),
}

METRIC_UNITS: dict[Metric, str] = {
    Metric.SYSTOLIC: "mmHg",
    Metric.DIASTOLIC: "mmHg",
    Metric.PULSE: "bpm",
    Metric.SPO2: "%",
    Metric.GLUCOSE: "mg/dL",
}

EVIDENCE: dict[Metric, tuple[Promise, bool]] = {
    Metric.SYSTOLIC: (
        _lazy(
            "High: AHA/ACC categories (stage 1 from 130, stage 2 from 140); the 2025 guideline calls more than 180/120 "
            "without acute organ damage severe hypertension. Low: NEWS2 single-parameter bands 3, 2, 1 (Royal College "
            "of Physicians, 2017)."
        ),
        False,
    ),
    Metric.DIASTOLIC: (
        _lazy("High: AHA/ACC categories. Low: common convention; no guideline cut-off was found."),
        True,
    ),
    Metric.PULSE: (_lazy("NEWS2 single-parameter bands 3, 2, 1 (Royal College of Physicians, 2017)."), False),
    Metric.SPO2: (
        _lazy("NEWS2 scale 1 and home-oximetry practice; read the safety note and choose."),
        False,
    ),
    Metric.GLUCOSE: (
        _lazy(
            "Low: ADA level 2 below 54, level 1 below 70. High: levels 1 and 2 of the 2017 consensus (Diabetes Care "
            "2017;40:1622); above 300 is common convention."
        ),
        True,
    ),
}
"""Where the default of a metric comes from, and whether part of it is a convention (requirements 4.1)."""

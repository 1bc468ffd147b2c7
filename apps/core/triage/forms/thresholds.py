"""The forms of limits: a patient's own, and the practice's profile."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID
from zlib import crc32

import orjson
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from apps.core.observations.types import Metric
from apps.core.triage.rules.bands import SPO2_STANDARD, SPO2_STRICT, Limits, OxygenProfile, ThresholdSet, to_plain
from apps.core.triage.rules.episodes import DAILY, DEFAULT_REPEAT, EVERY_TIME, HOURLY, WEEKLY
from apps.core.triage.rules.limits import LONGEST_REVIEW, REACH, REVIEW_AFTER, SETTABLE, below_practice, own_only
from apps.core.triage.selectors.rule_words import RULE_LABELS, SIDE_LABELS
from apps.core.triage.selectors.thresholds import PracticeSheet, ThresholdSheet
from apps.core.triage.services.thresholds import NOTHING_SEEN
from apps.core.triage.types import RuleCode, Severity

REPEATS = [
    (EVERY_TIME, _lazy("every time")),
    (HOURLY, _lazy("once an hour")),
    (DAILY, _lazy("once a day")),
    (WEEKLY, _lazy("once a week")),
]
CRITICAL_REPEATS = REPEATS[:2]
"""AL-02: a critical alert is never quieter than once an hour."""
WITH_REPEAT = (
    RuleCode.BLOOD_PRESSURE_HIGH,
    RuleCode.BLOOD_PRESSURE_LOW,
    RuleCode.PULSE_HIGH,
    RuleCode.PULSE_LOW,
    RuleCode.SPO2_LOW,
    RuleCode.GLUCOSE_HIGH,
    RuleCode.GLUCOSE_LOW,
    RuleCode.WEIGHT_GAIN,
    RuleCode.WEIGHT_LOSS,
)
OWN_SPO2 = "own"


@dataclass(frozen=True)
class MetricRow:
    """The fields of one metric, in the order of the scale, and whether the person came because of it."""

    metric: Metric
    fields: tuple[forms.BoundField, ...]
    is_asked: bool = False

    @property
    def is_wrong(self) -> bool:
        """Whether one of them was filled in wrongly."""
        return any(field.errors for field in self.fields)


@dataclass(frozen=True)
class RepeatRow:
    """How often one rule may speak."""

    label: Promise | str
    fields: tuple[forms.BoundField, ...]


class LimitsForm(forms.Form):
    """Limits of some metrics, repeat limits of rules, why, and until when they hold without another look."""

    reason = forms.CharField(label=_lazy("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    review_by = forms.DateField(
        label=_lazy("Review by"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    seen = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, limits: ThresholdSet, repeat: Mapping[str, Mapping[str, int]], today: date, seen: UUID | None,
        unset: str, **kwargs: Any,
    ) -> None:  # fmt: skip
        """The limits in force stand in the fields. `unset` says what holds for a rule without a repeat limit."""
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["review_by"].initial = today + REVIEW_AFTER
        self.fields["seen"].initial = seen or NOTHING_SEEN
        for metric, sides in SETTABLE.items():
            lowest, highest = REACH[metric]
            for side in sides:
                self.fields[f"{metric.value}_{side}"] = forms.IntegerField(
                    label=SIDE_LABELS[side],
                    required=False,
                    min_value=lowest,
                    max_value=highest,
                    initial=getattr(limits.get(metric, Limits()), side),
                    widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "input"}),
                )
        for rule in WITH_REPEAT:
            for severity, choices in ((Severity.WARNING, REPEATS), (Severity.CRITICAL, CRITICAL_REPEATS)):
                self.fields[f"repeat_{rule.value}_{severity.value}"] = forms.TypedChoiceField(
                    label=_lazy("Critical") if severity is Severity.CRITICAL else _lazy("Warning"),
                    coerce=int,
                    empty_value=None,
                    required=False,
                    choices=[("", unset), *choices],
                    initial=repeat.get(rule.value, {}).get(severity.value, ""),
                    widget=forms.Select(attrs={"class": "input"}),
                )

    def metric_rows(self, asked: Metric | None = None) -> list[MetricRow]:
        """The fields by metric; the one that the person came for first."""
        ordered = sorted(SETTABLE, key=lambda metric: metric is not asked)
        return [
            MetricRow(metric, tuple(self[f"{metric.value}_{side}"] for side in SETTABLE[metric]), metric is asked)
            for metric in ordered
        ]

    def repeat_rows(self) -> list[RepeatRow]:
        """The repeat limits by rule."""
        return [
            RepeatRow(
                RULE_LABELS[rule],
                tuple(self[f"repeat_{rule.value}_{one.value}"] for one in (Severity.WARNING, Severity.CRITICAL)),
            )
            for rule in WITH_REPEAT
        ]

    def clean_reason(self) -> str:
        """Words, not blanks."""
        return str(self.cleaned_data["reason"]).strip()

    def clean_review_by(self) -> date:
        """A day to come, within a year."""
        day: date = self.cleaned_data["review_by"]
        if not self.today < day <= self.today + LONGEST_REVIEW:
            raise forms.ValidationError(_("Choose a day after today and within a year."))
        return day

    def clean(self) -> dict[str, Any]:
        """The limits of a metric rise from critical low to critical high."""
        cleaned: dict[str, Any] = super().clean() or {}
        for metric, sides in SETTABLE.items():
            names = [f"{metric.value}_{side}" for side in sides]
            if any(name in self.errors for name in names):
                continue
            present = {name: cleaned[name] for name in names if cleaned.get(name) is not None}
            for lower, upper in pairwise(present):
                if present[upper] <= present[lower]:
                    self.add_error(
                        upper,
                        _("Must be above %(other)s, which is %(value)s.")
                        % {"other": str(self.fields[lower].label).lower(), "value": present[lower]},
                    )
            if not present:
                self.add_error(names[0], _("At least one limit has to stay."))
        return cleaned

    def wanted(self, below: ThresholdSet) -> dict[Metric, Limits]:
        """The limits as entered; what no field offers stays as it is below."""
        found = {}
        for metric, sides in SETTABLE.items():
            kept = {side: getattr(below[metric], side) for side in ("advisory_high", "warning_high", "critical_high")}
            given = {side: self.cleaned_data[f"{metric.value}_{side}"] for side in sides}
            found[metric] = Limits(**{**kept, **given})
        return found

    def repeat(self, below: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
        """The repeat limits of the rules that were given one; of such a rule the other one as it is below."""
        found: dict[str, dict[str, int]] = {}
        for rule in WITH_REPEAT:
            names = {one.value: f"repeat_{rule.value}_{one.value}" for one in (Severity.WARNING, Severity.CRITICAL)}
            given = {severity: self.cleaned_data[name] for severity, name in names.items()}
            if any(seconds is not None for seconds in given.values()):
                known = below.get(rule.value, {})
                found[rule.value] = {
                    severity: known.get(severity, DEFAULT_REPEAT) if seconds is None else seconds
                    for severity, seconds in given.items()
                }
        return found


class ThresholdForm(LimitsForm):
    """A patient's own limits. Where one equals the practice's it goes on following the practice's."""

    previewed = forms.CharField(required=False, widget=forms.HiddenInput)
    lost_seen = forms.BooleanField(required=False)

    def __init__(self, *args: Any, sheet: ThresholdSheet, today: date, **kwargs: Any) -> None:
        """What the patient is judged by stands in the fields."""
        own = sheet.own
        super().__init__(
            *args,
            limits=sheet.in_force,
            repeat=own.repeat if own else {},
            today=today,
            seen=own.id if own else None,
            unset=_("as the practice"),
            **kwargs,
        )
        self.sheet = sheet

    def changes(self) -> dict[str, Any]:
        """The limits and repeat limits as the services take them."""
        limits = own_only(self.wanted(self.sheet.fallback), self.sheet.fallback)
        return {"limits": to_plain(limits), "repeat": self.repeat(self.sheet.practice_repeat)}

    def fingerprint(self) -> str:
        """A short text that differs with the limits, so that what is saved is what was tried."""
        return f"{crc32(orjson.dumps(self.changes(), option=orjson.OPT_SORT_KEYS)):08x}"


class ProfileForm(LimitsForm):
    """The practice's profile. How strictly SpO2 is read is chosen, never assumed."""

    oxygen = forms.ChoiceField(
        label=_lazy("SpO2 profile"),
        choices=[
            (OxygenProfile.STANDARD.value, _lazy("Standard: critical below 88, warning 88–91, advisory 92–94")),
            (OxygenProfile.STRICT.value, _lazy("Stricter: critical at 91 and below, warning 92–93, advisory 94–95")),
            (OWN_SPO2, _lazy("Own numbers, as entered under SpO2")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, sheet: PracticeSheet, today: date, **kwargs: Any) -> None:
        """What the practice judges by stands in the fields; nothing is chosen for it."""
        current = sheet.current
        super().__init__(
            *args,
            limits={row.metric: row.limits for row in sheet.rows},
            repeat=current.repeat if current else {},
            today=today,
            seen=current.id if current else None,
            unset=_("once an hour (default)"),
            **kwargs,
        )
        if current is not None:
            own = any(row.metric is Metric.SPO2 for row in current.named)
            self.fields["oxygen"].initial = OWN_SPO2 if own else current.oxygen_profile.value

    def changes(self) -> dict[str, Any]:
        """The profile as the service takes it."""
        chosen = self.cleaned_data["oxygen"]
        strict = chosen == OxygenProfile.STRICT
        profile = OxygenProfile.STRICT if strict else OxygenProfile.STANDARD
        below = below_practice(profile)
        wanted = self.wanted(below)
        if chosen == OWN_SPO2:
            limits = own_only(wanted, below) | {Metric.SPO2: wanted[Metric.SPO2]}
        else:
            limits = own_only(wanted | {Metric.SPO2: SPO2_STRICT if strict else SPO2_STANDARD}, below)
        return {"limits": to_plain(limits), "repeat": self.repeat({}), "oxygen_profile": profile.value}

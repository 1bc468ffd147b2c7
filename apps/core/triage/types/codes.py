"""The words that triage keeps: bands, rules, severities, states, parts of the score, symptoms."""

from enum import StrEnum


class Band(StrEnum):
    """How far a value is from its range."""

    IN_RANGE = "in_range"
    ADVISORY = "advisory"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 in range to 3 critical."""
        return _BAND_RANK[self]


_BAND_RANK = {Band.IN_RANGE: 0, Band.ADVISORY: 1, Band.WARNING: 2, Band.CRITICAL: 3}


class Direction(StrEnum):
    """On which side of its range a value lies."""

    NONE = ""
    HIGH = "high"
    LOW = "low"


class RuleCode(StrEnum):
    """What can open an alert."""

    BLOOD_PRESSURE_HIGH = "blood_pressure_high"
    BLOOD_PRESSURE_LOW = "blood_pressure_low"
    PULSE_HIGH = "pulse_high"
    PULSE_LOW = "pulse_low"
    SPO2_LOW = "spo2_low"
    GLUCOSE_HIGH = "glucose_high"
    GLUCOSE_LOW = "glucose_low"
    WEIGHT_GAIN = "weight_gain"
    WEIGHT_LOSS = "weight_loss"
    BLOOD_PRESSURE_AVERAGE = "blood_pressure_average"
    SYMPTOM_RED_FLAG = "symptom_red_flag"
    UNVERIFIED_CRITICAL = "unverified_critical"
    NON_COMPLIANT = "non_compliant"


COMPLIANCE_RULES = frozenset({RuleCode.NON_COMPLIANT})


class Severity(StrEnum):
    """How urgently an alert asks. `notice` is the compliance queue's: no clock, no part in the score."""

    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for a notice to 2 for critical."""
        return _SEVERITY_RANK[self]


_SEVERITY_RANK = {Severity.NOTICE: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}


class AlertState(StrEnum):
    """The life of an alert."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    CLOSED_BY_ARCHIVE = "closed_by_archive"


OPEN_STATES = (AlertState.NEW, AlertState.ACKNOWLEDGED, AlertState.ESCALATED, AlertState.SNOOZED)


class ResolutionCode(StrEnum):
    """Why an alert was closed."""

    CALLED_ADVICE = "called_advice"
    MEDICATION_CHANGED = "medication_changed"
    SENT_TO_EMERGENCY = "sent_to_emergency"
    REPEAT_NORMAL = "repeat_normal"
    DEVICE_PROBLEM = "device_problem"
    EXPECTED = "expected"
    UNABLE_TO_REACH = "unable_to_reach"
    OTHER = "other"


class PartCode(StrEnum):
    """The lines of the score."""

    CURRENT = "current"
    OTHER_METRICS = "other_metrics"
    PERSISTENCE = "persistence"
    TREND = "trend"
    MISSING_DATA = "missing_data"
    UNATTENDED = "unattended"
    SYMPTOM = "symptom"
    FLOOR = "floor"
    CAP = "cap"


class WearerAnswer(StrEnum):
    """What the question "who measures with this device?" was answered with."""

    SAME_PERSON = "same_person"
    SOMEBODY_ELSE = "somebody_else"
    UNKNOWN = "unknown"


class SymptomSeverity(StrEnum):
    """How urgently what a patient reported asks."""

    NONE = "none"
    ANY = "any"
    RED_FLAG = "red_flag"


class Symptom(StrEnum):
    """What a patient can be asked about and report. Other is told in their own words."""

    CHEST_PAIN = "chest_pain"
    BREATHLESS_AT_REST = "breathless_at_rest"
    FAINTING = "fainting"
    NEW_CONFUSION = "new_confusion"
    ONE_SIDED_WEAKNESS = "one_sided_weakness"
    SWELLING = "swelling"
    DIZZINESS = "dizziness"
    HEADACHE = "headache"
    COUGH = "cough"
    WEIGHT_GAIN_FEELING = "weight_gain_feeling"
    OTHER = "other"


RED_FLAGS = frozenset(
    {
        Symptom.CHEST_PAIN,
        Symptom.BREATHLESS_AT_REST,
        Symptom.FAINTING,
        Symptom.NEW_CONFUSION,
        Symptom.ONE_SIDED_WEAKNESS,
    }
)
"""Part G of the score: each of them asks for emergency care, and opens a critical alert at once."""

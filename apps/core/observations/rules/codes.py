"""LOINC and UCUM of what is recorded.

Source: US Core 6.1 vital-sign profiles; glucose by 41653-7 (capillary, by glucometer, mg/dL), since the canonical unit
is mg/dL whatever the meter shows.
"""

from apps.core.observations.types import Metric, ReadingKind

LOINC_OF_KIND = {
    ReadingKind.BLOOD_PRESSURE: "85354-9",
    ReadingKind.SPO2: "2708-6",
    ReadingKind.WEIGHT: "29463-7",
    ReadingKind.GLUCOSE: "41653-7",
    ReadingKind.PULSE: "8867-4",
}

LOINC_OF_METRIC = {
    Metric.SYSTOLIC: "8480-6",
    Metric.DIASTOLIC: "8462-4",
    Metric.PULSE: "8867-4",
    Metric.SPO2: "2708-6",
    Metric.GLUCOSE: "41653-7",
    Metric.WEIGHT: "29463-7",
}

UCUM_OF_METRIC = {
    Metric.SYSTOLIC: "mm[Hg]",
    Metric.DIASTOLIC: "mm[Hg]",
    Metric.PULSE: "/min",
    Metric.SPO2: "%",
    Metric.GLUCOSE: "mg/dL",
    Metric.WEIGHT: "kg",
}

METRICS_OF_KIND = {
    ReadingKind.BLOOD_PRESSURE: (Metric.SYSTOLIC, Metric.DIASTOLIC),
    ReadingKind.SPO2: (Metric.SPO2,),
    ReadingKind.WEIGHT: (Metric.WEIGHT,),
    ReadingKind.GLUCOSE: (Metric.GLUCOSE,),
    ReadingKind.PULSE: (Metric.PULSE,),
}

DISPLAY_UNIT = {
    ReadingKind.BLOOD_PRESSURE: "mmHg",
    ReadingKind.SPO2: "%",
    ReadingKind.WEIGHT: "kg",
    ReadingKind.GLUCOSE: "mg/dL",
    ReadingKind.PULSE: "bpm",
}

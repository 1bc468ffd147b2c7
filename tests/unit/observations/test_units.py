"""Conversion, and the resolution at which a value is shown and judged."""

from decimal import Decimal

import pytest

from apps.core.observations.rules.units import displayed_from, quantities_of, to_canonical
from apps.core.observations.types import InvalidReading, Metric, OutOfRange, RawValue


@pytest.mark.parametrize(
    ("metric", "value", "unit", "stored", "shown"),
    [
        (Metric.WEIGHT, "198.4", "lb", "89.99", "90.0"),
        (Metric.WEIGHT, "83.4177", "kg", "83.4177", "83.4"),
        (Metric.WEIGHT, "3", "lb", "1.36", "1.4"),
        (Metric.WEIGHT, "180", "lb", "81.65", "81.6"),
        (Metric.SYSTOLIC, "18.6", "kPa", "139.51", "140"),
        (Metric.SYSTOLIC, "18.5", "kPa", "138.76", "139"),
        (Metric.SYSTOLIC, "24", "kPa", "180.01", "180"),
        (Metric.DIASTOLIC, "10.6", "kPa", "79.51", "80"),
        (Metric.GLUCOSE, "5.5", "mmol/L", "99.09", "99"),
        (Metric.GLUCOSE, "3.0", "mmol/L", "54.05", "54"),
        (Metric.GLUCOSE, "33.3", "mmol/L", "599.92", "600"),
        (Metric.SPO2, "87.5", "%", "87.5", "88"),
        (Metric.PULSE, "66", "bpm", "66", "66"),
        (Metric.SYSTOLIC, "139.5", "mmHg", "139.5", "140"),
        (Metric.SYSTOLIC, "139.49", "mmHg", "139.49", "139"),
    ],
)
def test_stored_and_shown(metric: Metric, value: str, unit: str, stored: str, shown: str) -> None:
    assert str(to_canonical(metric, Decimal(value), unit)) == stored
    assert str(displayed_from(metric, Decimal(value), unit)) == shown


@pytest.mark.parametrize(("metric", "unit"), [(Metric.WEIGHT, "mmHg"), (Metric.GLUCOSE, "mg"), (Metric.SPO2, "")])
def test_a_unit_that_the_metric_lacks_is_refused(metric: Metric, unit: str) -> None:
    with pytest.raises(InvalidReading, match=f"unit_of_{metric}"):
        to_canonical(metric, Decimal(1), unit)


def test_lo_and_hi_stand_at_the_ends_of_the_scale() -> None:
    low = quantities_of([RawValue(Metric.GLUCOSE, None, "mg/dL", OutOfRange.LO)])
    high = quantities_of([RawValue(Metric.GLUCOSE, None, "mmol/L", OutOfRange.HI)])
    assert (low[Metric.GLUCOSE].displayed, high[Metric.GLUCOSE].canonical) == (Decimal(20), Decimal(600))


@pytest.mark.parametrize("value", [None, Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_number_is_refused(value: Decimal | None) -> None:
    with pytest.raises(InvalidReading):
        quantities_of([RawValue(Metric.SPO2, value, "%")])


def test_a_metric_named_twice_is_refused() -> None:
    with pytest.raises(InvalidReading, match="spo2_twice"):
        quantities_of([RawValue(Metric.SPO2, Decimal(95), "%"), RawValue(Metric.SPO2, Decimal(96), "%")])

"""Conversion to canonical units, and the resolution at which a value is shown and judged."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from apps.core.observations.types import InvalidReading, Metric, OutOfRange, RawValue

MMHG_PER_KPA = Decimal("7.50062")
KG_PER_LB = Decimal("0.45359237")
MG_DL_PER_MMOL_L = Decimal("18.0156")
"""Factors of integrations.md 2.1: pressure, the international pound, and glucose by its molar mass."""

_CONVERTED_STEP = Decimal("0.01")
_ONE = Decimal(1)

_FACTORS: dict[Metric, dict[str, Decimal]] = {
    Metric.SYSTOLIC: {"mmHg": _ONE, "mm[Hg]": _ONE, "kPa": MMHG_PER_KPA},
    Metric.DIASTOLIC: {"mmHg": _ONE, "mm[Hg]": _ONE, "kPa": MMHG_PER_KPA},
    Metric.PULSE: {"bpm": _ONE, "/min": _ONE},
    Metric.SPO2: {"%": _ONE},
    Metric.GLUCOSE: {"mg/dL": _ONE, "mmol/L": MG_DL_PER_MMOL_L},
    Metric.WEIGHT: {"kg": _ONE, "lb": KG_PER_LB, "[lb_av]": KG_PER_LB},
}

RESOLUTION: dict[Metric, Decimal] = {
    Metric.SYSTOLIC: _ONE,
    Metric.DIASTOLIC: _ONE,
    Metric.PULSE: _ONE,
    Metric.SPO2: _ONE,
    Metric.GLUCOSE: _ONE,
    Metric.WEIGHT: Decimal("0.1"),
}
"""A band judges the value as it is displayed (decisions.md 17)."""

GLUCOSE_LO = Decimal(20)
GLUCOSE_HI = Decimal(600)
"""The ends of the meter's scale, which stand in for LO and HI where a number is needed."""


class Quantity(NamedTuple):
    """A value in its canonical unit, as it is stored and as it is displayed and judged."""

    canonical: Decimal
    displayed: Decimal


def to_canonical(metric: Metric, value: Decimal, unit: str) -> Decimal:
    """The value in mm[Hg], /min, %, mg/dL or kg: unchanged if it came so, else converted to two decimals.

    Raises InvalidReading for a unit that the metric does not have.
    """
    factor = _factor(metric, unit)
    if factor == _ONE:
        return value
    return (value * factor).quantize(_CONVERTED_STEP, ROUND_HALF_UP)


def as_displayed(metric: Metric, value: Decimal) -> Decimal:
    """The canonical value at the metric's resolution: whole mmHg, bpm, % and mg/dL, tenths of a kilogram; halves up."""
    return value.quantize(RESOLUTION[metric], ROUND_HALF_UP)


def displayed_from(metric: Metric, value: Decimal, unit: str) -> Decimal:
    """The value at the metric's resolution, rounded once: 180 lb are stored as 81.65 kg and shown as 81.6.

    Raises InvalidReading for a unit that the metric does not have.
    """
    return as_displayed(metric, value * _factor(metric, unit))


def _factor(metric: Metric, unit: str) -> Decimal:
    factor = _FACTORS[metric].get(unit)
    if factor is None:
        raise InvalidReading(f"unit_of_{metric}")
    return factor


def quantities_of(values: Iterable[RawValue]) -> dict[Metric, Quantity]:
    """Each metric's value, canonical and as displayed. LO and HI stand at the end of the meter's scale.

    Raises InvalidReading for an unknown unit, a metric named twice, or a missing value.
    """
    quantities: dict[Metric, Quantity] = {}
    for raw in values:
        if raw.metric in quantities:
            raise InvalidReading(f"{raw.metric}_twice")
        if raw.out_of_range is not None:
            end = GLUCOSE_LO if raw.out_of_range is OutOfRange.LO else GLUCOSE_HI
            quantities[raw.metric] = Quantity(end, end)
        elif raw.value is None or not raw.value.is_finite():
            raise InvalidReading(f"value_of_{raw.metric}")
        else:
            quantities[raw.metric] = Quantity(
                to_canonical(raw.metric, raw.value, raw.unit), displayed_from(raw.metric, raw.value, raw.unit)
            )
    return quantities

"""The band of one NEWS2 parameter. Source: Royal College of Physicians, National Early Warning Score (NEWS) 2, 2017.

NEWS2 needs seven parameters and home devices give three, so no total is ever made: only the band of a single parameter
stands beside its value (requirements 4.1).
"""

from decimal import Decimal

from apps.core.observations.types import Metric

_Steps = tuple[tuple[int, int], ...]

_UP_TO: dict[Metric, _Steps] = {
    Metric.SYSTOLIC: ((90, 3), (100, 2), (110, 1), (219, 0)),
    Metric.PULSE: ((40, 3), (50, 1), (90, 0), (110, 1), (130, 2)),
    Metric.SPO2: ((91, 3), (93, 2), (95, 1)),
}
"""Up to this value the band holds; above the last one, the band of _BEYOND."""
_BEYOND = {Metric.SYSTOLIC: 3, Metric.PULSE: 3, Metric.SPO2: 0}
_SCALE_2: _Steps = ((83, 3), (85, 2), (87, 1), (92, 0))
"""SpO2 scale 2, for a target of 88 to 92 %; above it the band depends on whether oxygen is given."""
_SCALE_2_ON_OXYGEN: _Steps = ((94, 1), (96, 2))


def news2_band(
    metric: Metric, value: Decimal, *, oxygen_target_low: bool = False, on_oxygen: bool = False
) -> int | None:
    """0 to 3 for systolic pressure (mmHg), pulse (/min) and SpO2 (%); None for what NEWS2 does not know."""
    if metric not in _UP_TO:
        return None
    if metric is Metric.SPO2 and oxygen_target_low:
        if value > _SCALE_2[-1][0]:
            return _step(_SCALE_2_ON_OXYGEN, value, 3) if on_oxygen else 0
        return _step(_SCALE_2, value, 0)
    return _step(_UP_TO[metric], value, _BEYOND[metric])


def _step(steps: _Steps, value: Decimal, beyond: int) -> int:
    return next((band for limit, band in steps if value <= limit), beyond)

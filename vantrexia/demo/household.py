"""A patient of the demonstration whose cuff somebody else in the house uses as well."""

from collections.abc import Iterable
from datetime import timedelta
from random import Random

from vantrexia.demo.history import Course, Measured, Plan

_KIND = "blood_pressure"
_LOW_ENOUGH = 117
_HIGHER = {"systolic": 22, "diastolic": 13, "pulse": 17}
_LATER = timedelta(minutes=9)
_EVERY = 2


def shares_a_cuff(plan: Plan) -> bool:
    """Whether somebody with a higher pressure may use this patient's cuff and still nobody has an alert of it."""
    return (
        plan.course is Course.STEADY
        and not plan.had_episode
        and _KIND in plan.kinds
        and plan.usual["systolic"] < _LOW_ENOUGH
    )


def of_the_other(readings: Iterable[Measured], plan: Plan) -> list[Measured]:
    """What the other person measured: every second time, minutes after the patient."""
    chance = Random(len(_HIGHER))  # noqa: S311
    own = [one for one in readings if one.kind == _KIND]
    return [Measured(one.at + _LATER, _KIND, _higher(plan, chance)) for one in own[::_EVERY]]


def _higher(plan: Plan, chance: Random) -> dict[str, object]:
    systolic, diastolic, pulse = (
        round(plan.usual[name] + more + chance.uniform(-2, 2)) for name, more in _HIGHER.items()
    )
    return {
        "blood_pressure": {"systolic": systolic, "diastolic": diastolic, "unit": "mmHg"},
        "pulse": {"value": pulse, "unit": "bpm"},
    }

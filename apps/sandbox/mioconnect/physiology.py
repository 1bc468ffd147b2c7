"""Bodies: baselines, the rhythm of the day, slow drift, missed days, and what an exacerbation does to them.

Pure: the same seed, person and moment give the same value.
"""

import math
import random
from datetime import date, datetime, timedelta

from apps.sandbox.mioconnect.types import Baseline, Person, Story

STORIES = (
    (Story.HYPERTENSION, 0.06),
    (Story.HEART_FAILURE, 0.05),
    (Story.LUNG, 0.03),
    (Story.SUGAR, 0.04),
)
HOURS_TO_PEAK = 1.5
NIGHT_DIP = 0.12


def draw_baseline(seed: int, key: str) -> Baseline:
    """Return what is usual for this person: four in ten are treated for high blood pressure."""
    source = random.Random(f"{seed}:baseline:{key}")
    treated = source.random() < 0.4
    systolic = source.gauss(132 if treated else 117, 5)
    return Baseline(
        systolic=systolic,
        diastolic=systolic * source.uniform(0.60, 0.66),
        pulse=source.gauss(71, 6),
        spo2=min(99.0, source.gauss(97, 0.7)),
        glucose=source.gauss(124, 14),
        weight=max(48.0, source.gauss(83, 14)),
    )


def draw_story(seed: int, key: str) -> tuple[Story, float]:
    """Return what will happen to this person and after how many hours of the run it begins."""
    source = random.Random(f"{seed}:story:{key}")
    throw = source.random()
    onset = source.uniform(0.0, 2.0)
    for story, share in STORIES:
        if throw < share:
            return story, onset
        throw -= share
    return Story.STEADY, onset


def measures_on(seed: int, person: Person, day: date) -> bool:
    """Return whether this person measures at all on this day."""
    return random.Random(f"{seed}:day:{person.key}:{day.toordinal()}").random() < person.adherence


def body_at(seed: int, person: Person, moment: datetime, started: datetime) -> Baseline:
    """Return the true state of the body at a moment: baseline, drift of the week, hour of the day, exacerbation."""
    usual = person.baseline
    local = moment + timedelta(minutes=person.utc_offset_minutes)
    rhythm = _rhythm(local)
    drift = _drift(seed, person.key, moment.date())
    force = _force(person, moment, started)
    systolic = usual.systolic * (1 + rhythm * 0.5) + drift * 4
    diastolic = usual.diastolic * (1 + rhythm * 0.4) + drift * 2.5
    pulse = usual.pulse * (1 + rhythm * 0.6) - drift
    spo2, glucose, weight = usual.spo2 + rhythm, usual.glucose + _meals(local), usual.weight + drift * 0.3
    if person.story is Story.HYPERTENSION:
        systolic, diastolic, pulse = systolic + 58 * force, diastolic + 30 * force, pulse + 8 * force
    elif person.story is Story.HEART_FAILURE:
        weight, spo2, pulse = weight + 2.9 * force, spo2 - 7 * force, pulse + 24 * force
    elif person.story is Story.LUNG:
        spo2, pulse = spo2 - 10 * force, pulse + 28 * force
    elif person.story is Story.SUGAR:
        glucose += 190 * force
    return Baseline(
        systolic=systolic, diastolic=diastolic, pulse=pulse, spo2=min(100.0, spo2), glucose=glucose, weight=weight
    )


def _rhythm(local: datetime) -> float:
    """Lowest at four in the morning, highest in the late afternoon: between -NIGHT_DIP and +NIGHT_DIP."""
    hour = local.hour + local.minute / 60
    return -NIGHT_DIP * math.cos((hour - 4) / 24 * 2 * math.pi)


def _meals(local: datetime) -> float:
    """How far a meal lifts glucose, mg/dL: three peaks that fade over two hours."""
    hour = local.hour + local.minute / 60
    return sum(45 * math.exp(-((hour - meal - 0.8) ** 2) / 0.9) for meal in (7.5, 12.5, 18.5))


def _drift(seed: int, key: str, day: date) -> float:
    """A slow wave of one to three weeks, between -1 and 1, that differs from person to person."""
    source = random.Random(f"{seed}:drift:{key}")
    period, phase = source.uniform(8, 20), source.uniform(0, 2 * math.pi)
    return math.sin(day.toordinal() / period * 2 * math.pi + phase)


def _force(person: Person, moment: datetime, started: datetime) -> float:
    """How far the exacerbation has come, 0 to 1; what was measured before its onset doesn't know of it."""
    hours = (moment - started).total_seconds() / 3600 - person.onset_hours
    return 0.0 if person.story is Story.STEADY else min(1.0, max(0.0, hours / HOURS_TO_PEAK))

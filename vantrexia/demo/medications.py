"""What the invented patients of the demonstration take, by their conditions; of some the dose was changed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from apps.core.care import services as care
from apps.core.patients.selectors import patient_contexts
from apps.core.patients.types import Condition
from apps.foundation.tenancy.types import Actor

_BY_CONDITION = {
    Condition.HYPERTENSION.value: (
        ("Lisinopril 10 mg tablet", "1 tablet every morning"),
        ("Amlodipine 5 mg tablet", "1 tablet every evening"),
    ),
    Condition.DIABETES.value: (
        ("Metformin 500 mg tablet", "1 tablet with breakfast and dinner"),
        ("Atorvastatin 20 mg tablet", "1 tablet every evening"),
    ),
    Condition.HEART_FAILURE.value: (
        ("Furosemide 40 mg tablet", "1 tablet every morning"),
        ("Carvedilol 6.25 mg tablet", "1 tablet twice a day"),
    ),
    Condition.COPD.value: (("Tiotropium 18 mcg capsule for inhalation", "1 capsule inhaled every morning"),),
}
_CHANGED_EVERY = 4
_REASON = "Average of the last week above goal"


def prescribe(patient_ids: Sequence[UUID], *, nurse: Actor, provider: Actor, now: datetime) -> None:
    """Everybody takes something; of every fourth patient the provider raised the first dose twelve days ago."""
    contexts = patient_contexts(patient_ids)
    for number, patient_id in enumerate(patient_ids):
        taken = [pair for condition in contexts[patient_id].conditions for pair in _BY_CONDITION.get(condition, ())]
        begun = (now - timedelta(days=60 + number % 30)).date()
        ids = [
            care.record_medication(patient_id=patient_id, name=name, dose=dose, starts_on=begun, by=nurse, now=now)
            for name, dose in taken
        ]
        if ids and number % _CHANGED_EVERY == 0:
            care.change_medication(
                medication_id=ids[0],
                patient_id=patient_id,
                dose=f"{taken[0][1].replace('1 ', '2 ', 1).replace('tablet ', 'tablets ', 1)}",
                starts_on=(now - timedelta(days=12)).date(),
                reason=_REASON,
                by=provider,
                now=now,
            )

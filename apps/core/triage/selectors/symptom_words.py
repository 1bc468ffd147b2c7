"""Symptoms in the words of the clinic."""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from apps.core.triage.types import Symptom

SYMPTOM_LABELS: dict[Symptom, Promise] = {
    Symptom.CHEST_PAIN: _lazy("chest pain"),
    Symptom.BREATHLESS_AT_REST: _lazy("breathless at rest"),
    Symptom.FAINTING: _lazy("fainting"),
    Symptom.NEW_CONFUSION: _lazy("new confusion"),
    Symptom.ONE_SIDED_WEAKNESS: _lazy("one-sided weakness"),
    Symptom.SWELLING: _lazy("swelling"),
    Symptom.DIZZINESS: _lazy("dizziness"),
    Symptom.HEADACHE: _lazy("headache"),
    Symptom.COUGH: _lazy("cough"),
    Symptom.WEIGHT_GAIN_FEELING: _lazy("feels weight gain"),
    Symptom.OTHER: _lazy("another symptom"),
}


def red_flags_text(codes: Sequence[str]) -> str:
    """What asks for emergency care, named: "chest pain, fainting"; what was told in words stands on the timeline."""
    labels = {**SYMPTOM_LABELS, Symptom.OTHER: _("what may be an emergency, in their own words")}
    return ", ".join(str(labels[Symptom(code)]) for code in codes)

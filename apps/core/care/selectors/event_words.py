"""The codes of triage in the words of a timeline: how an alert ended, what a patient reported."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from apps.core.triage.types import ResolutionCode, Symptom

_RESOLUTIONS: dict[str, Promise] = {
    ResolutionCode.CALLED_ADVICE.value: _lazy("called the patient and gave advice"),
    ResolutionCode.MEDICATION_CHANGED.value: _lazy("medication changed"),
    ResolutionCode.SENT_TO_EMERGENCY.value: _lazy("sent to emergency care"),
    ResolutionCode.REPEAT_NORMAL.value: _lazy("repeat reading was normal"),
    ResolutionCode.DEVICE_PROBLEM.value: _lazy("device problem"),
    ResolutionCode.EXPECTED.value: _lazy("expected for this patient"),
    ResolutionCode.UNABLE_TO_REACH.value: _lazy("unable to reach"),
    ResolutionCode.OTHER.value: _lazy("other reason"),
}
_SYMPTOMS: dict[str, Promise] = {
    Symptom.CHEST_PAIN.value: _lazy("chest pain"),
    Symptom.BREATHLESS_AT_REST.value: _lazy("short of breath at rest"),
    Symptom.FAINTING.value: _lazy("fainting"),
    Symptom.NEW_CONFUSION.value: _lazy("new confusion"),
    Symptom.ONE_SIDED_WEAKNESS.value: _lazy("weakness on one side"),
    Symptom.SWELLING.value: _lazy("swelling"),
    Symptom.DIZZINESS.value: _lazy("dizziness"),
    Symptom.HEADACHE.value: _lazy("headache"),
    Symptom.COUGH.value: _lazy("cough"),
    Symptom.WEIGHT_GAIN_FEELING.value: _lazy("feels heavier"),
    Symptom.OTHER.value: _lazy("something else"),
}


def resolution_words(code: str) -> str:
    """How an alert ended; nothing for nothing."""
    return str(_RESOLUTIONS.get(code, code))


def symptom_words(codes: Iterable[str]) -> str:
    """What a patient reported, one after the other."""
    return ", ".join(str(_SYMPTOMS.get(code, code)) for code in codes) or _("no symptoms")

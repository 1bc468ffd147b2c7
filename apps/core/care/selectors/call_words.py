"""What calls are called, and what somebody says who makes one, in the reader's language.

The script asks before it tells: nothing about health is said until it is known who listens (45 CFR 164.514(h)).
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from apps.core.care.types import CallOutcome, IdentityCheck
from apps.core.triage.types import RuleCode

OUTCOME_NAMES = {
    CallOutcome.REACHED: _lazy("Reached the patient"),
    CallOutcome.REACHED_CAREGIVER: _lazy("Reached a caregiver"),
    CallOutcome.VOICEMAIL: _lazy("Voicemail"),
    CallOutcome.NO_ANSWER: _lazy("No answer"),
    CallOutcome.WRONG_NUMBER: _lazy("Wrong number"),
}

IDENTITY_NAMES = {
    IdentityCheck.DATE_OF_BIRTH: _lazy("Name and date of birth"),
    IdentityCheck.ADDRESS: _lazy("Name and address"),
    IdentityCheck.KNOWN_VOICE: _lazy("Name, and the voice is known to me"),
    IdentityCheck.NOT_DONE: _lazy("Not checked: nothing about health was said"),
}

_PRESSURE = _lazy("Rested for five minutes before measuring? Cuff on the bare arm, back supported, no talking?")
_QUESTIONS = {
    RuleCode.BLOOD_PRESSURE_HIGH: (
        _PRESSURE,
        _lazy("Headache, chest pain, breathlessness, weakness, trouble seeing or speaking? Then 911, now."),
        _lazy("Medicines taken today as prescribed? Ask for a repeat reading while on the phone or in 5 minutes."),
    ),
    RuleCode.BLOOD_PRESSURE_AVERAGE: (
        _PRESSURE,
        _lazy("Medicines taken as prescribed in the last week? Any doses missed, any new medicine?"),
        _lazy("Salt, alcohol, pain killers such as ibuprofen?"),
    ),
    RuleCode.BLOOD_PRESSURE_LOW: (
        _lazy("Dizzy, faint, fallen? Sitting or lying down now?"),
        _lazy("Eaten and drunk as usual? Vomiting or diarrhoea? New medicine or dose?"),
        _lazy("Ask for a repeat reading, seated."),
    ),
    RuleCode.SPO2_LOW: (
        _lazy("Breathless at rest, blue lips, chest pain, confused? Then 911, now."),
        _lazy("Warm hands, no nail varnish, finger still for a minute? Oxygen on, if prescribed?"),
        _lazy("Ask for a repeat reading while on the phone."),
    ),
    RuleCode.GLUCOSE_LOW: (
        _lazy("Able to swallow? 15 g of fast sugar now, measure again in 15 minutes. If not: 911, now."),
        _lazy("When was the last meal, the last insulin or tablet? Somebody with them?"),
    ),
    RuleCode.GLUCOSE_HIGH: (
        _lazy("Thirst, vomiting, belly pain, fast breathing, drowsy? Then emergency care, now."),
        _lazy("Insulin or tablets taken? Illness, steroids? When was the last meal?"),
    ),
    RuleCode.WEIGHT_GAIN: (
        _lazy("Swollen legs or belly? More breathless, more pillows at night?"),
        _lazy("Water tablets taken as prescribed? More salt or fluid than usual?"),
        _lazy("Weighed in the morning, after the toilet, in light clothes, on the same scale?"),
    ),
    RuleCode.WEIGHT_LOSS: (
        _lazy("Eating and drinking as usual? Dizzy on standing? Vomiting or diarrhoea?"),
        _lazy("Weighed in the morning on the same scale?"),
    ),
    RuleCode.PULSE_HIGH: (
        _lazy("Palpitations, chest pain, faint, breathless? Then 911, now."),
        _lazy("Rested for five minutes? Fever, coffee, new medicine? Ask for a repeat reading."),
    ),
    RuleCode.PULSE_LOW: (
        _lazy("Dizzy, faint, breathless, chest pain? Then 911, now."),
        _lazy("Dose of the heart medicine changed? Ask for a repeat reading."),
    ),
    RuleCode.SYMPTOM_RED_FLAG: (
        _lazy("Still there? Chest pain, breathless at rest, fainting, confusion, weakness on one side: 911, now."),
        _lazy("Alone or with somebody? Stay on the line until help is there."),
    ),
    RuleCode.NON_COMPLIANT: (
        _lazy("Is the device there, charged and near the phone or hub? Any error on its display?"),
        _lazy("What keeps from measuring: travel, hospital, unwell, forgotten? Agree on the next reading."),
    ),
}
_ANY_REASON = (
    _lazy("How do you feel today? Chest pain, breathlessness, swelling, dizziness? If so, and new: 911."),
    _lazy("Medicines taken as prescribed? Any questions about the readings?"),
)


def script_of(rule: str) -> tuple[str, ...]:
    """What to say and ask, in order, for the alert of this rule or for none."""
    asked = _QUESTIONS.get(RuleCode(rule), _ANY_REASON) if rule in frozenset(RuleCode) else _ANY_REASON
    return (
        _("Say your name and that you call from the practice, for whom, and not why."),
        _("Ask for two identifiers: full name, and date of birth or address. The person says them, not you."),
        *(str(line) for line in asked),
        _("Have the plan said back. Agree on the next contact. In an emergency: 911, nobody watches around the clock."),
    )

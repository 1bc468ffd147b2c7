"""What a patient reports of how they feel. Source: requirements 4.3, part G."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from apps.core.triage.types import RED_FLAGS, Symptom, SymptomSeverity, SymptomsRefused, has_red_flag

COUNTS_FOR = timedelta(hours=72)
"""How long the newest report has a say in the score."""
MAX_WORDS = 2000
"""The longest answer in words, in characters."""


def reported_in(answers: Mapping[str, bool | str]) -> tuple[Symptom, ...]:
    """The symptoms that were answered with yes or with words, in the order of the catalogue.

    False and empty words mean no. Raises SymptomsRefused for an unknown symptom or an answer of another kind.
    """
    for code, answer in answers.items():
        if code not in set(Symptom):
            raise SymptomsRefused("unknown symptom")
        if not isinstance(answer, bool | str) or len(str(answer)) > MAX_WORDS:
            raise SymptomsRefused("an answer is yes, no or a few words")
    return tuple(symptom for symptom in Symptom if _is_yes(answers.get(symptom.value, False)))


def alarming_in(answers: Mapping[str, bool | str]) -> tuple[Symptom, ...]:
    """What of it asks for emergency care: the red flags, and what was told in words that may mean one.

    Raises SymptomsRefused as `reported_in`.
    """
    reported = reported_in(answers)
    return tuple(one for one in reported if one in RED_FLAGS or has_red_flag(str(answers[one.value])))


def severity_of(reported: Sequence[Symptom], alarming: Sequence[Symptom]) -> SymptomSeverity:
    """What asks for emergency care is a red flag, whatever else was reported."""
    if alarming:
        return SymptomSeverity.RED_FLAG
    return SymptomSeverity.ANY if reported else SymptomSeverity.NONE


def severity_in_force(reported: SymptomSeverity, age: timedelta, *, red_flag_open: bool) -> SymptomSeverity:
    """What the newest report, this old, means for the score.

    A red flag whose alert a person has resolved counts as any symptom: they have dealt with it.
    """
    if age > COUNTS_FOR:
        return SymptomSeverity.NONE
    if reported is SymptomSeverity.RED_FLAG and not red_flag_open:
        return SymptomSeverity.ANY
    return reported


def _is_yes(answer: bool | str) -> bool:
    return bool(answer.strip()) if isinstance(answer, str) else answer

"""What notes are called and what they start from, in the reader's language.

A skeleton asks and never answers: what nobody filled in must not look as if it had been done.
"""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from apps.core.care.rules.notes import clean_text, without_unanswered
from apps.core.care.types import NoteKind, NoteTemplate

KIND_NAMES = {
    NoteKind.PROGRESS: _("Progress note"),
    NoteKind.PHONE_CALL: _("Phone call"),
    NoteKind.CARE_PLAN: _("Care plan"),
    NoteKind.EDUCATION: _("Education"),
    NoteKind.FROM_EMR: _("From the EMR"),
}

TEMPLATE_NAMES = {
    NoteTemplate.CALL_REACHED: _("Phone call, reached"),
    NoteTemplate.CALL_NOT_REACHED: _("Phone call, not reached"),
    NoteTemplate.MEDICATION_REVIEW: _("Medication review"),
    NoteTemplate.VITALS_REVIEW: _("Vital-sign review"),
    NoteTemplate.EDUCATION: _("Education given"),
    NoteTemplate.CARE_PLAN_REVIEW: _("Care-plan review"),
}

_QUESTIONS = {
    NoteTemplate.CALL_REACHED: (
        _("Spoke with (patient, or whom on their behalf):"),
        _("Identity checked by name and date of birth:"),
        _("Reason for the call:"),
        _("Symptoms (chest pain, breathlessness, swelling, dizziness):"),
        _("Readings talked about:"),
        _("Medication taken as prescribed:"),
        _("Advice given:"),
        _("Plan repeated in the patient's own words:"),
        _("Next contact:"),
        _("Minutes on the phone:"),
    ),
    NoteTemplate.CALL_NOT_REACHED: (
        _("Number called:"),
        _("Outcome (no answer, busy, voicemail, wrong number):"),
        _("Message left (no health information):"),
        _("Reason for the call:"),
        _("Next attempt:"),
    ),
    NoteTemplate.MEDICATION_REVIEW: (
        _("Medication reviewed with:"),
        _("Taken as prescribed:"),
        _("Missed doses and why:"),
        _("Side effects:"),
        _("Over-the-counter medicines and supplements:"),
        _("Changes asked for, and of whom:"),
        _("What the patient was told:"),
    ),
    NoteTemplate.VITALS_REVIEW: (
        _("Period reviewed:"),
        _("Readings out of range:"),
        _("Trend:"),
        _("Days without a reading, and why:"),
        _("Assessment:"),
        _("Plan:"),
    ),
    NoteTemplate.EDUCATION: (
        _("Taught to:"),
        _("Topic:"),
        _("How (demonstration, handout, by phone):"),
        _("Shown back correctly:"),
        _("Questions:"),
        _("To repeat on:"),
    ),
    NoteTemplate.CARE_PLAN_REVIEW: (
        _("Goals reviewed:"),
        _("Progress towards each:"),
        _("What stands in the way:"),
        _("Changes to thresholds, medication or instructions:"),
        _("Agreed with the patient:"),
        _("Next review:"),
    ),
}


def title_of(kind: str, template: str) -> str:
    """What a note is headed with: the template it was started from, else its kind."""
    named = TEMPLATE_NAMES.get(NoteTemplate(template)) if template in frozenset(NoteTemplate) else None
    return str(named or KIND_NAMES[NoteKind(kind)])


def skeleton_of(template: NoteTemplate) -> str:
    """The lines to fill in."""
    return _lines(_QUESTIONS[template])


def all_skeletons() -> list[str]:
    """Every skeleton, to tell one that nobody touched from what somebody wrote."""
    return [skeleton_of(template) for template in NoteTemplate]


def all_questions() -> frozenset[str]:
    """Every question, as it stands alone on its line."""
    return frozenset(str(question) for questions in _QUESTIONS.values() for question in questions)


def answered(text: str) -> str:
    """A note as it is signed: cleaned, and without the questions that nobody answered."""
    return without_unanswered(clean_text(text), all_questions())


def _lines(questions: Iterable[object]) -> str:
    return "\n".join(f"{question} " for question in questions)

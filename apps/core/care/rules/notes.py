"""Notes: what one may say, how long it may be, and what a template does to what was typed already. Pure."""

import re
from collections.abc import Collection

from apps.core.care.types import NoteKind, NoteTemplate

TEXT_MAX = 10_000
"""Characters. Longer than any note of a visit; short enough that a page of twenty is still read."""

WRITABLE_KINDS = (NoteKind.PROGRESS, NoteKind.PHONE_CALL, NoteKind.CARE_PLAN, NoteKind.EDUCATION)
"""What a person chooses from; `from_emr` says where a note came from and is never chosen."""

KIND_OF_TEMPLATE = {
    NoteTemplate.CALL_REACHED: NoteKind.PHONE_CALL,
    NoteTemplate.CALL_NOT_REACHED: NoteKind.PHONE_CALL,
    NoteTemplate.MEDICATION_REVIEW: NoteKind.PROGRESS,
    NoteTemplate.VITALS_REVIEW: NoteKind.PROGRESS,
    NoteTemplate.EDUCATION: NoteKind.EDUCATION,
    NoteTemplate.CARE_PLAN_REVIEW: NoteKind.CARE_PLAN,
}


def clean_text(text: str) -> str:
    """The text as it is signed: one kind of line break, no blank space at either end."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip()


def without_unanswered(text: str, questions: Collection[str]) -> str:
    """The cleaned text without the questions of templates that nobody answered, on their line or below it.

    What follows a question is its answer, be it after an empty line, unless it is another question.
    """
    lines = text.split("\n")
    asked = tuple(questions)
    kept = []
    is_answered = False
    for line in reversed(lines):
        said = line.strip()
        is_open = said in questions and not is_answered
        if said:
            is_answered = not said.startswith(asked)
        if not is_open:
            kept.append(line)
    if len(kept) == len(lines):
        return text
    return re.sub(r"\n{3,}", "\n\n", "\n".join(reversed(kept))).strip()


def text_fault(text: str) -> str:
    """Why a cleaned text can't be signed: "required", "too_long", or nothing."""
    if not text:
        return "required"
    return "too_long" if len(text) > TEXT_MAX else ""


def with_skeleton(typed: str, skeleton: str, skeletons: Collection[str]) -> str:
    """The skeleton below what was typed; in place of it where that is another skeleton that nobody touched."""
    kept = clean_text(typed)
    if not kept or kept in {clean_text(one) for one in skeletons}:
        return skeleton
    return f"{kept}\n\n{skeleton}"


def kind_of_addendum(kind: NoteKind) -> NoteKind:
    """An addendum is of its note's kind; one to a note of the EMR is ours, and of no special kind."""
    return NoteKind.PROGRESS if kind is NoteKind.FROM_EMR else kind

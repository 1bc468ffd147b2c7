"""Messages: how long one may be. Pure."""

SUBJECT_MAX = 120
TEXT_MAX = 4_000
"""Characters. What needs more than a page is a call."""


def message_faults(text: str) -> dict[str, str]:
    """Why a cleaned text can't be sent, by field."""
    if not text:
        return {"text": "required"}
    return {"text": "too_long"} if len(text) > TEXT_MAX else {}


def subject_faults(subject: str) -> dict[str, str]:
    """Why a conversation can't have this subject, by field."""
    if not subject:
        return {"subject": "required"}
    return {"subject": "too_long"} if len(subject) > SUBJECT_MAX else {}


def clean_subject(subject: str) -> str:
    """A subject is one line."""
    return " ".join(subject.split())

"""By when a patient's request about the record is answered, and what an answer needs: pure decisions.

The days are calendar days and end on the day itself; neither weekends nor holidays are left out, for the rule knows
none.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from apps.core.patients.rules.programs import day_fault, text_faults
from apps.core.patients.types import DECISIONS, Asker, PrivacyChannel, PrivacyKind, PrivacyState

DAYS: Mapping[PrivacyKind, int] = {
    PrivacyKind.ACCESS: 30,
    PrivacyKind.AMENDMENT: 60,
    PrivacyKind.ACCOUNTING: 60,
    PrivacyKind.RESTRICTION: 30,
}
"""Access: 45 CFR 164.524(b)(2)(i), no later than 30 days after receipt. Amendment: 164.526(b)(2)(i), 60 days.
Accounting of disclosures: 164.528(c)(1)(i), 60 days. Restriction: 164.522(a) sets no limit; 30 days is the practice's
own target."""

EXTENSION_DAYS: Mapping[PrivacyKind, int] = {
    PrivacyKind.ACCESS: 30,
    PrivacyKind.AMENDMENT: 30,
    PrivacyKind.ACCOUNTING: 30,
}
"""Once, by a written statement of the reason and the new day within the first time limit: 45 CFR 164.524(b)(2)(ii),
164.526(b)(2)(ii), 164.528(c)(1)(ii). A restriction has no limit that could be extended."""

TEXT_MAX, NAME_MAX = 2000, 200


def due_on(kind: PrivacyKind, received_on: date) -> date:
    """The last day for an answer."""
    return received_on + timedelta(days=DAYS[kind])


def extended_due_on(kind: PrivacyKind, received_on: date) -> date:
    """The last day after the one extension. Raises KeyError for a kind that has none."""
    return due_on(kind, received_on) + timedelta(days=EXTENSION_DAYS[kind])


def days_left(due: date, today: date) -> int:
    """How many days are left; 0 on the last day, below zero afterwards."""
    return (due - today).days


def may_extend(kind: PrivacyKind, state: PrivacyState, due: date, today: date) -> bool:
    """Whether the time limit may be extended now: once, in time, and only where there is one."""
    return kind in EXTENSION_DAYS and state is PrivacyState.OPEN and today <= due


def request_faults(values: Mapping[str, Any], today: date) -> dict[str, str]:
    """What is wrong with a request as it was entered."""
    texts = {name: values[name] for name in ("text", "representative_name", "representative_relationship")}
    limits = {"text": TEXT_MAX, "representative_name": NAME_MAX, "representative_relationship": 100}
    required = ("text",)
    if values["asked_by"] == Asker.REPRESENTATIVE:
        required += ("representative_name", "representative_relationship")  # type: ignore[assignment]
    faults = text_faults(texts, limits, required)
    for name, known in (("kind", PrivacyKind), ("channel", PrivacyChannel), ("asked_by", Asker)):
        if values[name] not in set(known):
            faults[name] = "unknown_choice"
    if code := day_fault(values["received_on"], today):
        faults["received_on"] = code
    return faults


def decision_faults(state: PrivacyState, *, reason: str, rights_explained: bool, outcome: str) -> dict[str, str]:
    """What is wrong with an answer. A refusal, whole or in part, needs its reason, and the patient is told what rights
    are left: to have it reviewed or to complain (164.524(d)), to disagree in writing (164.526(d)).
    """
    faults = {} if state in DECISIONS else {"state": "unknown_choice"}
    if state in (PrivacyState.DENIED, PrivacyState.PARTLY):
        if not reason.strip():
            faults["reason"] = "required"
        if not rights_explained:
            faults["rights_explained"] = "required"
    if state in (PrivacyState.GRANTED, PrivacyState.PARTLY) and not outcome.strip():
        faults["outcome"] = "required"
    return faults | {
        name: "too_long" for name, text in (("reason", reason), ("outcome", outcome)) if len(text) > TEXT_MAX
    }

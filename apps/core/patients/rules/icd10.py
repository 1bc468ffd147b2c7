"""ICD-10-CM codes: their form, the monitored conditions they stand for, and those that are often meant.

The form is that of the Official Guidelines for Coding and Reporting (CMS and NCHS): three to seven characters, a point
after the third, and always the most specific code. The whole classification is not kept here: a code outside the
families of the monitored conditions is checked for its form only, and a coder answers for it.
"""

import re

from apps.core.patients.types import Condition, SuggestedCode

_FORM = re.compile(r"[A-Z][0-9][0-9AB](\.[0-9A-Z]{1,4})?")

_CONDITIONS: tuple[tuple[str, tuple[Condition, ...]], ...] = (
    ("I11.0", (Condition.HEART_FAILURE, Condition.HYPERTENSION)),
    ("I13.0", (Condition.HEART_FAILURE, Condition.HYPERTENSION)),
    ("I13.2", (Condition.HEART_FAILURE, Condition.HYPERTENSION)),
    ("I10", (Condition.HYPERTENSION,)),
    ("I11", (Condition.HYPERTENSION,)),
    ("I12", (Condition.HYPERTENSION,)),
    ("I13", (Condition.HYPERTENSION,)),
    ("I15", (Condition.HYPERTENSION,)),
    ("I1A", (Condition.HYPERTENSION,)),
    ("I50", (Condition.HEART_FAILURE,)),
    ("E08", (Condition.DIABETES,)),
    ("E09", (Condition.DIABETES,)),
    ("E10", (Condition.DIABETES,)),
    ("E11", (Condition.DIABETES,)),
    ("E13", (Condition.DIABETES,)),
    ("J43", (Condition.COPD,)),
    ("J44", (Condition.COPD,)),
)
"""The longer beginning goes first: heart disease is heart failure only where the code says so."""

_UNDIVIDED = frozenset({"I10"})
_OF_DIABETES = (
    *("", ".0", ".1", ".2", ".3", ".4", ".5", ".6", ".61", ".62", ".63", ".64"),
    *(".31", ".32", ".321", ".329", ".33", ".331", ".339", ".34", ".341", ".349"),
    *(".35", ".351", ".352", ".353", ".354", ".355", ".359", ".37", ".37X"),
)
_HEADINGS = frozenset(
    {"I11", "I12", "I13", "I13.1", "I15", "I1A", "I50", "I50.2", "I50.3", "I50.4", "I50.8", "I50.81"}
    | {"J43", "J44", "J44.8", "E10.A"}
    | {f"{family}{rest}" for family in ("E08", "E09", "E10", "E11", "E13") for rest in _OF_DIABETES}
)
"""Headings of the families above: no code by themselves, a claim with one is refused."""


def _(text: str) -> str:
    """The text itself, found by makemessages; it is translated where it is shown."""
    return text


SUGGESTED: tuple[SuggestedCode, ...] = tuple(
    SuggestedCode(code, description)
    for code, description in (
        ("I10", _("High blood pressure without a known cause")),
        ("I11.0", _("Heart disease from high blood pressure, with heart failure")),
        ("I11.9", _("Heart disease from high blood pressure, without heart failure")),
        ("I12.0", _("Kidney disease from high blood pressure, stage 5 or end stage")),
        ("I12.9", _("Kidney disease from high blood pressure, stage 1 to 4 or not stated")),
        (
            "I13.0",
            _("Heart and kidney disease from high blood pressure, with heart failure, kidney stage 1 to 4"),
        ),
        (
            "I13.10",
            _("Heart and kidney disease from high blood pressure, no heart failure, kidney stage 1 to 4"),
        ),
        ("I13.11", _("Heart and kidney disease from high blood pressure, no heart failure, kidney stage 5")),
        (
            "I13.2",
            _("Heart and kidney disease from high blood pressure, with heart failure, kidney stage 5"),
        ),
        ("I50.1", _("Failure of the left ventricle")),
        ("I50.20", _("Systolic heart failure, course not stated")),
        ("I50.22", _("Systolic heart failure, chronic")),
        ("I50.23", _("Systolic heart failure, chronic and now acute")),
        ("I50.30", _("Diastolic heart failure, course not stated")),
        ("I50.32", _("Diastolic heart failure, chronic")),
        ("I50.33", _("Diastolic heart failure, chronic and now acute")),
        ("I50.42", _("Systolic and diastolic heart failure, chronic")),
        ("I50.9", _("Heart failure, kind not stated")),
        ("E10.9", _("Type 1 diabetes without complications")),
        ("E10.22", _("Type 1 diabetes with chronic kidney disease")),
        ("E10.649", _("Type 1 diabetes with low blood sugar, without coma")),
        ("E10.65", _("Type 1 diabetes with high blood sugar")),
        ("E11.9", _("Type 2 diabetes without complications")),
        ("E11.22", _("Type 2 diabetes with chronic kidney disease")),
        ("E11.40", _("Type 2 diabetes with nerve damage, kind not stated")),
        ("E11.42", _("Type 2 diabetes with damage to many nerves")),
        ("E11.51", _("Type 2 diabetes with poor circulation in the limbs, without gangrene")),
        ("E11.649", _("Type 2 diabetes with low blood sugar, without coma")),
        ("E11.65", _("Type 2 diabetes with high blood sugar")),
        ("E13.9", _("Another named kind of diabetes without complications")),
        ("E13.65", _("Another named kind of diabetes with high blood sugar")),
        ("J44.0", _("COPD with an acute infection of the lower airways")),
        ("J44.1", _("COPD, acutely worse")),
        ("J44.9", _("COPD, nothing further stated")),
    )
)
_DESCRIPTIONS = {one.code: one.description for one in SUGGESTED}


def normal_code(entered: str) -> str:
    """A code as it is written: "e11 65" and "E1165" are "E11.65"."""
    letters = re.sub(r"[\s.]", "", entered).upper()
    return letters if len(letters) <= 3 else f"{letters[:3]}.{letters[3:]}"


def code_fault(code: str) -> str:
    """Why this is no code that a claim may name, or nothing: malformed, or too general."""
    if not code:
        return "required"
    family = code[:3]
    if not _FORM.fullmatch(code) or (family in _UNDIVIDED and code != family):
        return "malformed"
    return "too_general" if code in _HEADINGS else ""


def conditions_of(code: str) -> tuple[Condition, ...]:
    """The monitored conditions that a code stands for, the leading one first; none for most codes."""
    return next((conditions for beginning, conditions in _CONDITIONS if code.startswith(beginning)), ())


def suggested_description(code: str) -> str:
    """Our own words for a code that is often meant, or nothing."""
    return _DESCRIPTIONS.get(code, "")

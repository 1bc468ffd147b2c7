"""ICD-10-CM: the form of a code, the condition it stands for, and the codes we suggest."""

import pytest

from apps.core.patients.rules.icd10 import SUGGESTED, code_fault, conditions_of, normal_code, suggested_description
from apps.core.patients.types import Condition


@pytest.mark.parametrize(
    ("entered", "code"), [("i10", "I10"), ("E1165", "E11.65"), (" e11 65 ", "E11.65"), ("I50.22", "I50.22"), ("", "")]
)
def test_a_code_is_written_one_way(entered, code):
    assert normal_code(entered) == code


@pytest.mark.parametrize(
    "code",
    ["I10", "I11.0", "I13.10", "E11.10", "E11.311", "E11.3211", "E11.649", "E11.A", "J44.9", "Z79.4", "S72.001A"],
)
def test_a_code_of_the_right_form_is_taken(code):
    assert code_fault(code) == ""


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("", "required"),
        ("10I", "malformed"),
        ("I1", "malformed"),
        ("I10.1", "malformed"),
        ("E11.64999", "malformed"),
        ("HYPERTENSION", "malformed"),
        ("I50", "too_general"),
        ("E11", "too_general"),
        ("E11.6", "too_general"),
        ("E11.64", "too_general"),
        ("J44", "too_general"),
        ("I13.1", "too_general"),
        ("E11.0", "too_general"),
        ("E10.1", "too_general"),
        ("E11.32", "too_general"),
        ("E11.321", "too_general"),
        ("E13.37", "too_general"),
        ("E10.A", "too_general"),
        ("I1A", "too_general"),
    ],
)
def test_what_is_no_code_that_a_claim_may_name_is_refused(code, fault):
    assert code_fault(code) == fault


@pytest.mark.parametrize(
    ("code", "conditions"),
    [
        ("I10", [Condition.HYPERTENSION]),
        ("I11.9", [Condition.HYPERTENSION]),
        ("I11.0", [Condition.HEART_FAILURE, Condition.HYPERTENSION]),
        ("I12.9", [Condition.HYPERTENSION]),
        ("I13.0", [Condition.HEART_FAILURE, Condition.HYPERTENSION]),
        ("I13.10", [Condition.HYPERTENSION]),
        ("I1A.0", [Condition.HYPERTENSION]),
        ("I50.22", [Condition.HEART_FAILURE]),
        ("E10.9", [Condition.DIABETES]),
        ("E11.65", [Condition.DIABETES]),
        ("E13.9", [Condition.DIABETES]),
        ("J44.1", [Condition.COPD]),
        ("I48.91", []),
        ("M54.50", []),
    ],
)
def test_the_condition_follows_from_the_code(code, conditions):
    assert list(conditions_of(code)) == conditions


def test_every_suggested_code_is_one_and_stands_for_a_monitored_condition():
    covered = set()
    for one in SUGGESTED:
        assert code_fault(one.code) == "", one.code
        assert normal_code(one.code) == one.code
        assert conditions_of(one.code), one.code
        assert suggested_description(one.code) == one.description
        covered |= set(conditions_of(one.code))
    assert covered == set(Condition)
    assert len({one.code for one in SUGGESTED}) == len(SUGGESTED)

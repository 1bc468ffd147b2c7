"""Privacy requests from record to answer, and restrictions that stand."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from apps.core.patients import selectors, services
from apps.core.patients.types import (
    AlreadyDecided,
    InvalidPatient,
    NotFound,
    PrivacyFilters,
    PrivacyKind,
    PrivacyState,
)
from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy.types import NotPermitted
from tests.cast import Cast, CastPractice
from tests.factories.patients import enrol_patient
from tests.factories.privacy import ask_about_privacy, today_in

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=45)


@pytest.fixture
def practice(cast: Cast) -> CastPractice:
    return cast.highland


@pytest.fixture
def jane(practice: CastPractice) -> UUID:
    return enrol_patient(practice)


def decide(practice: CastPractice, patient_id: UUID, request_id: UUID, role: str = "admin", **values: Any) -> None:
    given = {"state": PrivacyState.GRANTED, "outcome": "Copy handed over"} | values
    with practice.scope():
        services.decide_privacy_request(
            patient_id=patient_id, request_id=request_id, by=practice.actor(role), now=timezone.now(), **given
        )


def read(practice: CastPractice, patient_id: UUID, request_id: UUID) -> Any:
    with practice.scope():
        return selectors.privacy_request(patient_id, request_id, by=practice.actor("ma")).request


def test_anyone_of_the_team_records_and_a_manager_answers(practice: CastPractice, jane: UUID) -> None:
    asked = ask_about_privacy(practice, jane, by=practice.actor("ma"))
    row = read(practice, jane, asked)
    assert (row.state, row.days_left, row.is_overdue) == (PrivacyState.OPEN, 30, False)
    with pytest.raises(NotPermitted):
        decide(practice, jane, asked, role="provider")
    decide(practice, jane, asked, role="clinical_manager")
    row = read(practice, jane, asked)
    assert (row.state, row.outcome, row.is_waiting) == (PrivacyState.GRANTED, "Copy handed over", False)
    assert AuditLog.objects.filter(action="privacy.request_decide", subject_id=jane).count() == 1


def test_of_two_answers_the_first_counts(practice: CastPractice, jane: UUID) -> None:
    asked = ask_about_privacy(practice, jane)
    decide(practice, jane, asked)
    with pytest.raises(AlreadyDecided):
        decide(practice, jane, asked, state=PrivacyState.DENIED, reason="No", rights_explained=True)
    assert read(practice, jane, asked).state is PrivacyState.GRANTED


def test_what_was_refused_is_not_half_done(practice: CastPractice, jane: UUID) -> None:
    asked = ask_about_privacy(practice, jane)
    with pytest.raises(InvalidPatient) as refusal:
        decide(practice, jane, asked, state="denied", outcome="")
    assert set(refusal.value.faults) == {"reason", "rights_explained"}
    assert read(practice, jane, asked).is_waiting


def extend(practice: CastPractice, jane: UUID, asked: UUID, reason: str = "The archive is off site") -> date:
    with practice.scope():
        return services.extend_privacy_request(
            patient_id=jane, request_id=asked, reason=reason, by=practice.actor("admin"), now=timezone.now()
        )


def test_a_limit_is_extended_once(practice: CastPractice, jane: UUID) -> None:
    asked = ask_about_privacy(practice, jane)
    first = read(practice, jane, asked).due_on
    assert extend(practice, jane, asked) == first + timedelta(days=30)
    row = read(practice, jane, asked)
    assert (row.state, row.is_waiting, row.extension_reason) == (PrivacyState.EXTENDED, True, "The archive is off site")
    with pytest.raises(InvalidPatient):
        extend(practice, jane, asked)


def test_no_limit_is_extended_when_it_is_over_nor_a_restriction(practice: CastPractice, jane: UUID) -> None:
    late = ask_about_privacy(practice, jane, received_on=today_in(practice) - LONG_AGO)
    none = ask_about_privacy(practice, jane, kind=PrivacyKind.RESTRICTION)
    for asked in (late, none):
        with pytest.raises(InvalidPatient):
            extend(practice, jane, asked)


def test_the_queue_begins_with_what_is_due_first_and_counts_the_overdue(practice: CastPractice, jane: UUID) -> None:
    last = ask_about_privacy(practice, jane, kind=PrivacyKind.AMENDMENT)
    late = ask_about_privacy(practice, jane, received_on=today_in(practice) - LONG_AGO)
    soon = ask_about_privacy(practice, jane)
    by = practice.actor("nurse")
    with practice.scope():
        everything = selectors.privacy_page(filters=PrivacyFilters(), by=by)
        overdue = selectors.privacy_page(filters=PrivacyFilters(overdue=True), by=by)
        access = selectors.privacy_page(filters=PrivacyFilters(kind=PrivacyKind.AMENDMENT), by=by)
        assert selectors.overdue_requests(by=by) == 1
    assert [line.request.id for line in everything.rows] == [late, soon, last]
    assert [line.request.id for line in overdue.rows] == [late]
    assert [line.request.id for line in access.rows] == [last]
    decide(practice, jane, late)
    with practice.scope():
        assert selectors.overdue_requests(by=by) == 0
        closed = selectors.privacy_page(filters=PrivacyFilters(closed=True), by=by)
    assert [line.request.id for line in closed.rows] == [late]


def test_a_restriction_stands_until_it_is_ended(practice: CastPractice, jane: UUID) -> None:
    asked = ask_about_privacy(practice, jane, kind=PrivacyKind.RESTRICTION)
    with practice.scope():
        assert selectors.restrictions_on(jane, by=practice.actor("nurse")) == ()
    decide(practice, jane, asked, outcome="Nothing to the employer")
    with practice.scope():
        (one,) = selectors.restrictions_on(jane, by=practice.actor("nurse"))
        assert one.outcome == "Nothing to the employer"
        services.end_restriction(
            patient_id=jane, request_id=asked, reason="Agreed", by=practice.actor("admin"), now=timezone.now()
        )
        assert selectors.restrictions_on(jane, by=practice.actor("nurse")) == ()


def test_withdrawing_closes_it(practice: CastPractice, jane: UUID) -> None:
    asked = ask_about_privacy(practice, jane)
    with practice.scope():
        services.withdraw_privacy_request(
            patient_id=jane, request_id=asked, reason="By phone", by=practice.actor("ma"), now=timezone.now()
        )
    assert read(practice, jane, asked).state is PrivacyState.WITHDRAWN


def test_an_unknown_request_and_another_patients_are_not_found(practice: CastPractice, jane: UUID) -> None:
    asked = ask_about_privacy(practice, jane)
    other = enrol_patient(practice)
    for patient_id, request_id in ((other, asked), (jane, uuid4())):
        with pytest.raises(NotFound):
            decide(practice, patient_id, request_id)

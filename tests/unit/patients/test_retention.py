"""Retention: when a record is due, that it is asked about once, and that deciding erases nothing."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from threading import Thread
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from apps.authentication.types import Role
from apps.core.care import services as care
from apps.core.patients import selectors, services
from apps.core.patients.models import Patient, RetentionReview
from apps.core.patients.rules.retention import due_on, retention_years
from apps.core.patients.types import AlreadyDecided, InvalidPatient, NotFound, RetentionDecision
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import open_detail
from apps.foundation.jobs.decorators import registered_sweeps
from apps.foundation.tenancy.types import Actor, NotPermitted
from apps.settings.services import change_preferences
from apps.settings.types import PracticePreferences
from tests.cast import Cast, CastPractice, assemble
from tests.factories.patients import enrol_patient

ARCHIVED = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
DUE = datetime(2032, 11, 21, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("archived_on", "years", "due"),
    [
        (date(2026, 11, 21), 6, date(2032, 11, 21)),
        (date(2024, 2, 29), 6, date(2030, 3, 1)),
        (date(2024, 2, 29), 8, date(2032, 2, 29)),
        (date(2024, 3, 1), 6, date(2030, 3, 1)),
        (date(2096, 2, 29), 8, date(2104, 2, 29)),
        (date(2092, 2, 29), 8, date(2100, 3, 1)),
    ],
)
def test_when_a_record_is_due(archived_on: date, years: int, due: date) -> None:
    assert due_on(archived_on, years) == due


@given(st.dates(date(2000, 1, 1), date(2200, 12, 31)), st.integers(6, 60))
def test_no_record_is_due_too_early(archived_on: date, years: int) -> None:
    """As many birthdays of the archiving as years have passed, and not one day is missing."""
    due = due_on(archived_on, years)
    before = due - DAY
    assert before.year - archived_on.year - ((before.month, before.day) < (archived_on.month, archived_on.day)) < years
    assert due.year - archived_on.year == years


@pytest.mark.parametrize(
    ("state", "practice", "by_state", "years"),
    [
        ("IL", 6, {}, 6),
        ("IL", 7, {"MA": 20}, 7),
        ("MA", 7, {"MA": 20}, 20),
        ("ma", 7, {"MA": 20}, 20),
        ("MA", 25, {"MA": 20}, 25),
        ("", 3, {}, 6),
        ("TX", 6, {"TX": 5}, 6),
    ],
)
def test_the_longest_period_applies(state: str, practice: int, by_state: dict[str, int], years: int) -> None:
    assert retention_years(state, practice, by_state) == years


@pytest.fixture
def highland(cast: Cast) -> Iterator[CastPractice]:
    with cast.highland.scope():
        yield cast.highland


def archived(practice: CastPractice, at: datetime = ARCHIVED, **values: object) -> UUID:
    patient_id = enrol_patient(practice, **values)
    care.archive_patient(patient_id=patient_id, reason="Patient deceased", by=practice.system, now=at)
    return patient_id


def waiting(practice: CastPractice) -> list[UUID]:
    page = selectors.retention_page(decided=False, by=practice.actor(Role.ADMIN))
    return [line.patient_id for line in page.rows]


def decide(practice: CastPractice, patient_id: UUID, decision: RetentionDecision, **more: object) -> None:
    row = RetentionReview.objects.get(patient_id=patient_id, decided_at__isnull=True)
    given = {"review_id": row.id, "decision": decision, "reason": "looked at", "by": practice.actor(Role.ADMIN)}
    services.decide_retention(**(given | {"now": DUE} | more))


def test_a_record_is_flagged_on_its_day_and_only_once(highland: CastPractice) -> None:
    jane, _active = archived(highland), enrol_patient(highland)
    assert services.flag_due_records(now=DUE - DAY) == 0
    assert services.flag_due_records(now=DUE) == 1
    assert services.flag_due_records(now=DUE) == 0
    assert services.flag_due_records(now=DUE + 400 * DAY) == 0
    assert waiting(highland) == [jane]
    (row,) = AuditLog.objects.filter(action="patient.retention_flag")
    assert (row.subject_id, open_detail(row)["due_on"]) == (jane, "2032-11-21")
    assert Patient.objects.filter(id=jane).exists()


def test_the_day_is_the_patients_own(highland: CastPractice) -> None:
    late_evening = datetime(2026, 11, 22, 3, tzinfo=UTC)
    archived(highland, late_evening, time_zone="America/Chicago")
    assert services.flag_due_records(now=datetime(2032, 11, 21, 5, tzinfo=UTC)) == 0
    assert services.flag_due_records(now=datetime(2032, 11, 21, 7, tzinfo=UTC)) == 1


def test_states_may_ask_for_longer(highland: CastPractice) -> None:
    change_preferences(
        preferences=PracticePreferences(retention_years=7, retention_years_by_state={"MA": 20}),
        by=highland.actor(Role.ADMIN),
    )
    in_illinois, in_massachusetts = archived(highland, state="IL"), archived(highland, state="MA")
    assert services.flag_due_records(now=DUE) == 0
    assert services.flag_due_records(now=DUE.replace(year=2033)) == 1
    assert waiting(highland) == [in_illinois]
    assert services.flag_due_records(now=DUE.replace(year=2046)) == 1
    assert waiting(highland) == [in_illinois, in_massachusetts]


def test_every_practice_has_its_own_queue(cast: Cast) -> None:
    with cast.highland.scope():
        archived(cast.highland)
    with cast.lakeside.scope():
        john = archived(cast.lakeside)
    assert services.flag_due_records(now=DUE) == 2
    with cast.lakeside.scope():
        assert waiting(cast.lakeside) == [john]
        review = RetentionReview.objects.get().id
    with cast.highland.scope():
        admin = cast.highland.actor(Role.ADMIN)
        with pytest.raises(NotFound):
            selectors.retention_review(review, by=admin)
        with pytest.raises(NotFound):
            services.decide_retention(review_id=review, decision=RetentionDecision.KEEP, reason="no", by=admin, now=DUE)


@pytest.mark.parametrize("decision", [RetentionDecision.KEEP, RetentionDecision.REVIEWED])
def test_what_is_decided_is_not_asked_again(highland: CastPractice, decision: RetentionDecision) -> None:
    jane = archived(highland)
    services.flag_due_records(now=DUE)
    before = AuditLog.objects.count()
    decide(highland, jane, decision)
    assert AuditLog.objects.count() == before + 1
    row = AuditLog.objects.get(action="patient.retention_decide", subject_id=jane)
    said = open_detail(row)
    assert (said["reason"], said["rows"][0]["before"]["decision"]) == ("looked at", "")
    assert said["rows"][0]["after"]["decision"] == decision.value
    assert waiting(highland) == []
    assert services.flag_due_records(now=DUE + 4000 * DAY) == 0
    (line,) = selectors.retention_page(decided=True, by=highland.actor(Role.ADMIN)).rows
    assert (line.decision, line.reason, line.patient_id) == (decision, "looked at", jane)


def test_an_extension_ends(highland: CastPractice) -> None:
    jane = archived(highland)
    services.flag_due_records(now=DUE)
    decide(highland, jane, RetentionDecision.EXTEND, until=date(2034, 1, 1))
    assert services.flag_due_records(now=datetime(2033, 12, 31, 12, tzinfo=UTC)) == 0
    assert services.flag_due_records(now=datetime(2034, 1, 1, 12, tzinfo=UTC)) == 1
    (line,) = selectors.retention_page(decided=False, by=highland.actor(Role.ADMIN)).rows
    assert line.due_on == date(2034, 1, 1)
    decide(highland, jane, RetentionDecision.KEEP, now=datetime(2034, 1, 2, tzinfo=UTC))
    assert services.flag_due_records(now=datetime(2040, 1, 1, 12, tzinfo=UTC)) == 0


@pytest.mark.parametrize(
    ("decision", "more", "faults"),
    [
        (RetentionDecision.KEEP, {"reason": " "}, {"reason": "required"}),
        (RetentionDecision.EXTEND, {}, {"until": "required"}),
        (RetentionDecision.EXTEND, {"until": DUE.date()}, {"until": "in_past"}),
    ],
)
def test_a_wrong_decision_changes_nothing(
    highland: CastPractice, decision: RetentionDecision, more: dict[str, object], faults: dict[str, str]
) -> None:
    jane = archived(highland)
    services.flag_due_records(now=DUE)
    with pytest.raises(InvalidPatient) as refusal:
        decide(highland, jane, decision, **more)
    assert refusal.value.faults == faults
    assert waiting(highland) == [jane]


def test_two_do_not_decide(highland: CastPractice) -> None:
    jane = archived(highland)
    services.flag_due_records(now=DUE)
    review = RetentionReview.objects.get()
    decide(highland, jane, RetentionDecision.KEEP)
    with pytest.raises(AlreadyDecided):
        services.decide_retention(
            review_id=review.id,
            decision=RetentionDecision.REVIEWED,
            reason="me too",
            by=highland.actor(Role.ADMIN),
            now=DUE,
        )


@pytest.mark.parametrize("role", [Role.PROVIDER, Role.CLINICAL_MANAGER, Role.NURSE, Role.MA])
def test_only_administrators_see_the_queue(highland: CastPractice, role: Role) -> None:
    by: Actor = highland.actor(role)
    for read in (lambda: selectors.retention_page(decided=False, by=by), lambda: selectors.retention_waiting(by=by)):
        with pytest.raises(NotPermitted):
            read()
    with pytest.raises(NotPermitted):
        services.decide_retention(review_id=uuid4(), decision=RetentionDecision.KEEP, reason="no", by=by, now=DUE)


def test_a_restored_record_leaves_the_queue_and_counts_anew(highland: CastPractice) -> None:
    jane = archived(highland)
    services.flag_due_records(now=DUE)
    care.restore_patient(patient_id=jane, reason="came back", by=highland.actor(Role.ADMIN))
    assert waiting(highland) == []
    care.archive_patient(patient_id=jane, reason="left again", by=highland.system, now=DUE)
    assert services.flag_due_records(now=DUE + 30 * DAY) == 0
    assert services.flag_due_records(now=DUE.replace(year=2038)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_decision_waits_for_whoever_restores_the_record() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time, and its test database lives in one thread")
    practice = assemble().highland
    outcomes: list[str] = []
    with practice.scope():
        jane = archived(practice)
        services.flag_due_records(now=DUE)

    def decide_meanwhile() -> None:
        try:
            with practice.scope():
                decide(practice, jane, RetentionDecision.KEEP)
            outcomes.append("decided")
        except NotFound:
            outcomes.append("not found")
        finally:
            connections.close_all()

    deciding = Thread(target=decide_meanwhile)
    with practice.scope(), audit.change("patient.restore", subject=("patient", jane), by=practice.system):
        services.lock_patients([jane])
        deciding.start()
        deciding.join(1)
        services.restore_record(patient_id=jane, by=practice.actor(Role.ADMIN))
    deciding.join(30)
    assert outcomes == ["not found"]


def test_a_deleted_record_is_in_no_queue(highland: CastPractice) -> None:
    jane, john = archived(highland), archived(highland)
    services.flag_due_records(now=DUE - 0 * DAY)
    care.delete_patient(patient_id=jane, by=highland.actor(Role.ADMIN), now=DUE)
    assert waiting(highland) == [john]
    assert services.flag_due_records(now=DUE + DAY) == 0


def test_the_queries_do_not_grow_with_the_records(highland: CastPractice) -> None:
    counted = []
    for year, people in ((2026, 2), (2027, 12)):
        for _ in range(people):
            archived(highland, ARCHIVED.replace(year=year))
        with CaptureQueriesContext(connection) as queries:
            assert services.flag_due_records(now=DUE.replace(year=year + 6)) == people
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_the_operator_has_a_clock(highland: CastPractice) -> None:
    archived(highland)
    out = StringIO()
    call_command("flag_retention", "--on", "2032-11-20", stdout=out)
    call_command("flag_retention", "--on", "2032-11-21", stdout=out)
    assert out.getvalue().splitlines() == ["0 flagged for review", "1 flagged for review"]
    call_command("flag_retention", stdout=out)


def test_the_worker_looks_once_a_day() -> None:
    from apps.core.patients import tasks

    (found,) = [one for one in registered_sweeps() if one.job is tasks.flag_due_records]
    assert found.every_seconds == 24 * 60 * 60

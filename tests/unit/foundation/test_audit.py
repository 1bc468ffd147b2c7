"""The log: nothing changes without it, it cannot be changed, and a tampered row is found."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from apps.foundation.audit import selectors
from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.audit.services import chains
from apps.foundation.audit.types import NoSuchEntry
from apps.foundation.notifications.models import Notification
from apps.foundation.tenancy.services import register_practice, scope
from apps.foundation.tenancy.types import Actor, NoPracticeScope, NotPermitted, UnauditedWrite
from apps.settings.models import PracticePreference
from tests import product_role
from tests.told import told

BY = Actor.system("test")


@pytest.fixture
def practice(db):
    return register_practice(name="One", time_zone="America/Chicago")


def notification() -> Notification:
    return Notification(kind="critical_alert", reference=uuid4(), urgency="high")


def write_three(practice):
    for number in range(3):
        with scope(practice):
            audit.record_event("test.event", by=BY, detail={"number": number})


def run_sql(statement, parameters=()):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def test_a_write_outside_a_change_is_refused(practice):
    with scope(practice):
        for write in (
            lambda: notification().save(),
            lambda: Notification.objects.create(kind="critical_alert", reference=uuid4()),
            lambda: Notification.objects.bulk_create([notification()]),
            lambda: Notification.objects.update(channel="x"),
            lambda: Notification.objects.all().delete(),
        ):
            with pytest.raises(UnauditedWrite):
                write()


def test_a_row_needs_the_practice_in_scope(practice):
    other = register_practice(name="Two", time_zone="America/Chicago")
    with audit.change("test", by=BY), pytest.raises(NoPracticeScope):
        notification().save()
    row = notification()
    row.practice_id = other
    with scope(practice), audit.change("test", by=BY), pytest.raises(NoPracticeScope):
        row.save()


def test_a_failed_change_leaves_neither_row_nor_log(practice):
    with scope(practice):
        with pytest.raises(RuntimeError), audit.change("test.fails", by=BY):
            notification().save()
            raise RuntimeError
        assert Notification.objects.count() == 0
    assert not AuditLog.objects.filter(action="test.fails").exists()


def test_a_change_logs_who_what_and_the_values(practice):
    person = Actor(uuid4(), practice, "nurse", frozenset(), ip="10.0.0.9", request_id="r-12345678")
    from tests.unit.foundation.test_encryption import make_patient

    row = make_patient(practice)
    row.first_name = "Bea"
    with scope(practice), audit.change("patient.change", subject=row, by=person, reason="typo"):
        row.save()
    log = AuditLog.objects.filter(action="patient.change").get()
    assert (log.actor_id, log.actor_role, log.ip, log.subject_id) == (person.user_id, "nurse", "10.0.0.9", row.id)
    detail = audit.open_detail(log)
    assert detail["reason"] == "typo"
    assert detail["rows"][0]["before"]["first_name"] == "Ann"
    assert detail["rows"][0]["after"]["first_name"] == "Bea"
    assert "Bea" not in told(log.detail)


def test_the_chain_verifies_and_counts(practice):
    write_three(practice)
    report = audit.verify_chain(practice)
    assert (report.ok, report.rows) == (True, 3)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditlog SET action = 'x'",
        "DELETE FROM audit_auditlog",
        "UPDATE audit_auditsubject SET subject_type = 'x'",
        "DELETE FROM audit_auditsubject",
    ],
)
def test_the_database_refuses_to_change_the_log(practice, statement):
    with scope(practice):
        audit.record_disclosure("test.shown", subjects=[("patient", uuid4()), ("patient", uuid4())], by=BY)
    with product_role.as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run_sql(statement)


def test_the_database_refuses_replacing_and_truncating(practice):
    write_three(practice)
    if connection.vendor == "sqlite":
        statement = "INSERT OR REPLACE INTO audit_auditlog SELECT * FROM audit_auditlog WHERE sequence = 2"
    else:
        statement = "TRUNCATE audit_auditlog CASCADE"
    with product_role.as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run_sql(statement)
    assert audit.verify_chain(practice).ok


@pytest.mark.parametrize(
    ("tampering", "first_bad"),
    [
        ("UPDATE audit_auditlog SET action = 'other' WHERE sequence = 2", 2),
        ("UPDATE audit_auditlog SET detail = 'vx1.x' || detail WHERE sequence = 3", 3),
        ("DELETE FROM audit_auditlog WHERE sequence = 2", 2),
        ("DELETE FROM audit_auditlog WHERE sequence = 3", 3),
    ],
)
def test_tampering_behind_the_trigger_is_found(practice, tampering, first_bad):
    write_three(practice)
    with product_role.behind_the_triggers():
        run_sql(tampering)
    report = audit.verify_chain(practice)
    assert (report.ok, report.first_bad) == (False, first_bad)


def test_rows_appended_during_the_walk_are_no_tampering(practice, monkeypatch):
    write_three(practice)
    walked = chains._problem_of

    def append_meanwhile(row, expected, previous, others):
        if row.sequence == 3:
            write_three(practice)
        return walked(row, expected, previous, others)

    monkeypatch.setattr(chains, "_problem_of", append_meanwhile)
    assert audit.verify_chain(practice).ok


def test_a_missing_trigger_is_a_system_error(practice):
    from apps.foundation.audit.checks import append_only_triggers_stand

    assert append_only_triggers_stand(databases=["default"]) == []
    with product_role.behind_the_triggers():
        assert [problem.id for problem in append_only_triggers_stand(databases=["default"])] == ["audit.E001"]


def test_two_practices_have_two_chains(practice):
    other = register_practice(name="Two", time_zone="America/Chicago")
    write_three(practice)
    write_three(other)
    assert [audit.verify_chain(p).rows for p in (practice, other)] == [3, 3]


def test_a_change_that_changed_nothing_leaves_no_row(practice):
    with scope(practice), audit.change("test", by=BY) as log:
        log.cancel()
    assert not AuditLog.objects.filter(practice_id=practice, action="test").exists()


def test_a_cancelled_change_that_wrote_is_recorded_all_the_same(practice):
    with scope(practice), audit.change("test", by=BY) as log:
        log.cancel()
        notification().save()
    assert AuditLog.objects.filter(practice_id=practice, action="test").count() == 1


def test_a_change_is_found_by_everything_it_concerns(practice):
    one, other = uuid4(), uuid4()
    with scope(practice):
        with audit.change("test", subject=("thing", one), by=BY) as log:
            log.concerns(("thing", other))
        for subject in (one, other):
            assert [entry.head.action for entry in history(subject).entries] == ["test"]
    assert audit.verify_chain(practice).ok


def history(subject, by=BY, **asked):
    given = {"permission": "some.permission", "actions": ("test",)} | asked
    return selectors.history_of("thing", subject, by=by, **given)


def test_a_history_is_one_subjects_newest_first_and_paged(practice):
    thing = uuid4()
    with scope(practice):
        for number in range(5):
            with audit.change("test", subject=("thing", thing), by=BY, reason=f"{number}") as log:
                log.note(number=number)
        audit.record_event("test", by=BY, subject=("thing", uuid4()))
        audit.record_event("look", by=BY, subject=("thing", thing))
        first, last = history(thing, page_size=2), history(thing, page_size=2, page=9)
        assert [entry.reason for entry in first.entries] == ["4", "3"]
        assert ([entry.reason for entry in last.entries], last.page, last.total) == (["0"], 3, 5)
        odd = history(thing, keep=lambda entry: entry.detail["number"] % 2 == 1)
        assert ([entry.reason for entry in odd.entries], odd.total) == (["3", "1"], 2)
        assert history(uuid4()).total == 0
        latest = selectors.latest_of("thing", thing, by=BY, permission="p", actions=("test",))
        assert latest == first.entries[0].head


def test_a_history_holds_the_rows_before_and_after_and_needs_its_permission(practice):
    thing = uuid4()
    with scope(practice):
        with audit.change("test", subject=("thing", thing), by=BY):
            chosen = PracticePreference()
            chosen.save()
        with audit.change("test", subject=("thing", thing), by=BY):
            chosen.retention_years = 9
            chosen.save()
        changed, made = (entry.rows[0] for entry in history(thing).entries)
        assert (made.before, made.after["retention_years"]) == ({}, 6)
        assert (changed.before, changed.after) == ({"retention_years": 6}, {"retention_years": 9})
        with pytest.raises(NotPermitted):
            history(thing, by=Actor(uuid4(), practice, "nurse"))


def test_an_entry_is_found_in_its_practice_and_of_its_subject_only(practice):
    thing, other = uuid4(), register_practice(name="Two", time_zone="America/Chicago")
    asked = {"by": BY, "permission": "p"}
    with scope(practice):
        audit.record_event("test", by=BY, subject=("thing", thing))
        entry_id = history(thing).entries[0].head.id
        assert selectors.history_entry(entry_id, "thing", thing, **asked).head.action == "test"
        with pytest.raises(NoSuchEntry):
            selectors.history_entry(entry_id, "thing", uuid4(), **asked)
    with scope(other):
        assert history(thing).total == 0
        with pytest.raises(NoSuchEntry):
            selectors.history_entry(entry_id, "thing", thing, **asked)

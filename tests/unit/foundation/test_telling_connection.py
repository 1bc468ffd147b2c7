"""The connection that tells PostgreSQL which practice is in scope, before every statement and after every rollback."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from threading import Barrier
from uuid import uuid4

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction

from apps.foundation.audit import services as audit
from apps.foundation.notifications.models import Notification
from apps.foundation.notifications.services import queue_notification
from apps.foundation.tenancy.services import platform_scope, register_practice, scope
from apps.foundation.tenancy.statements import prepared_cursor
from apps.foundation.tenancy.types import Actor
from tests import product_role

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL is told")
ONE, TWO = uuid4(), uuid4()


@pytest.fixture(autouse=True)
def as_the_product():
    with product_role.seeing_as_the_product():
        yield


def told(through=connection):
    """What the server knows, asked by a statement like any other."""
    with through.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.practice_id', true)")
        return cursor.fetchone()[0]


@pytest.fixture
def journeys(monkeypatch):
    """Every message that was sent to the server and waited for."""
    sent = []
    wait = psycopg.Connection.wait

    def note(server, *args, **kwargs):
        sent.append(1)
        return wait(server, *args, **kwargs)

    monkeypatch.setattr(psycopg.Connection, "wait", note)
    return sent


@pytest.mark.django_db(transaction=True)
class TestOutsideTransactions:
    def test_the_beginning_and_the_scope_travel_with_the_first_statement(self, journeys):
        assert told() == ""
        journeys.clear()
        with scope(ONE), transaction.atomic():
            assert told() == str(ONE)
            assert len(journeys) == 1
            assert connection.connection.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
            assert told() == str(ONE)
            assert len(journeys) == 2
        assert len(journeys) == 3
        assert connection.connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE

    def test_a_transaction_whose_first_statement_fails_is_one_all_the_same(self):
        assert told() == ""
        with scope(ONE), suppress(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        with scope(ONE), pytest.raises(DatabaseError), transaction.atomic():
            with suppress(DatabaseError), connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
            told()
        with scope(TWO):
            assert told() == str(TWO)

    def test_a_disclosure_is_two_journeys_and_stands(self, journeys):
        practice = register_practice(name="One", time_zone="America/Chicago")
        by, shown = Actor.system("test", practice), [("patient", uuid4()), ("patient", uuid4())]
        with scope(practice):
            audit.record_disclosure("test.shown", subjects=shown, by=by)
            journeys.clear()
            audit.record_disclosure("test.shown", subjects=shown, by=by)
            assert len(journeys) == 2
            with suppress(RuntimeError), transaction.atomic():
                audit.record_disclosure("test.shown", subjects=shown, by=by)
                raise RuntimeError
            connection.close()
            report = audit.verify_chain(practice)
        assert (report.ok, report.rows) == (True, 2)

    def test_a_prepared_statement_is_planned_once(self):
        for number in (1, 2):
            with prepared_cursor() as cursor:
                cursor.execute("SELECT %s + 41", [number])
                assert cursor.fetchone() == (number + 41,)
        told()
        with connection.cursor() as cursor:
            cursor.execute("SELECT custom_plans FROM pg_prepared_statements WHERE statement LIKE '% + 41'")
            assert cursor.fetchall() == [(2,)]

    @pytest.mark.parametrize("block", [nullcontext, transaction.atomic])
    def test_a_column_that_a_migration_changed_is_planned_anew(self, block):
        def ask():
            with prepared_cursor() as prepared:
                prepared.execute("SELECT name FROM changing WHERE number = %s", [1])
                return prepared.fetchone()[0]

        with product_role.as_owner(), connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE changing AS SELECT 1 AS number, 'x'::varchar(10) AS name")
            assert ask() == "x"
            # As another connection would change it: psycopg does not notice.
            cursor.execute("DO $$ BEGIN ALTER TABLE changing ALTER name TYPE varchar(20); END $$")
            with suppress(DatabaseError), block():
                ask()
            assert ask() == "x"
            cursor.execute("DROP TABLE changing")

    def test_a_prepared_statement_may_be_the_first_of_a_transaction(self):
        with suppress(RuntimeError), transaction.atomic(), prepared_cursor() as cursor:
            cursor.execute("SELECT %s + 42", [1])
            assert connection.connection.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
            raise RuntimeError
        assert connection.connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE

    def test_an_open_transaction_does_not_become_autocommit(self):
        transaction.set_autocommit(False)
        told()
        with pytest.raises(DatabaseError, match="open transaction"):
            transaction.set_autocommit(True)
        transaction.rollback()
        transaction.set_autocommit(True)
        assert told() == ""

    def test_before_a_request_only_a_line_that_spoke_is_asked(self, journeys):
        assert told() == ""
        journeys.clear()
        connection.health_check_enabled, connection.health_check_done = True, False
        assert told() == ""
        assert len(journeys) == 1

        from apps.foundation.tenancy.postgresql import base

        server, other = connection.connection, connection.copy()
        with other.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute("SELECT pg_terminate_backend(%s)", [server.info.backend_pid])
        other.close()
        deadline = time.monotonic() + 20
        while base.is_silent(server) and time.monotonic() < deadline:
            time.sleep(0.01)
        connection.health_check_enabled, connection.health_check_done = True, False
        assert told() == ""
        assert connection.connection is not server

    def test_a_scope_that_is_no_uuid_is_never_sent(self):
        assert told() == ""
        with scope("x', false), set_config('app.practice_id', 'platform"), pytest.raises(ValueError, match="UUID"):
            told()
        assert told() == ""

    def test_scopes_follow_each_other(self):
        assert told() == ""
        with scope(ONE):
            assert told() == str(ONE)
            with scope(TWO):
                assert told() == str(TWO)
            assert told() == str(ONE)
            with platform_scope():
                assert told() == "platform"
                with scope(TWO):
                    assert told() == str(TWO)
            assert told() == str(ONE)
        assert told() == ""

    def test_after_a_rollback_it_is_told_again(self):
        with scope(ONE):
            assert told() == str(ONE)
            with suppress(RuntimeError), transaction.atomic(), scope(TWO):
                assert told() == str(TWO)
                raise RuntimeError
            assert told() == str(ONE)

    def test_a_scope_first_told_in_a_transaction_that_fails_is_told_again(self):
        assert told() == ""
        with scope(ONE):
            with suppress(DatabaseError), transaction.atomic():
                assert told() == str(ONE)
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1 / 0")
            assert told() == str(ONE)

    def test_after_the_commit_of_a_failed_transaction_it_is_told_again(self):
        """Django commits when the error was caught inside the block; the server rolls back, and the setting with it."""
        with scope(ONE):
            assert told() == str(ONE)
        with scope(TWO):
            with transaction.atomic():
                assert told() == str(TWO)
                with suppress(DatabaseError), connection.cursor() as cursor:
                    cursor.execute("SELECT 1 / 0")
            assert told() == str(TWO)

    def test_after_a_refused_commit_it_is_told_again(self):
        practice = register_practice(name="One", time_zone="America/Chicago")
        with scope(practice):
            with pytest.raises(DatabaseError), transaction.atomic():
                assert told() == str(practice)
                with connection.cursor() as cursor:
                    cursor.execute(
                        "INSERT INTO audit_auditsubject (practice_id, log_id, subject_type, subject_id) "
                        "VALUES (%s, %s, 'x', %s)",
                        [practice, uuid4(), uuid4()],
                    )
            assert told() == str(practice)

    def test_a_new_connection_is_told(self):
        with scope(ONE):
            assert told() == str(ONE)
            connection.close()
            assert told() == str(ONE)
        connection.close()
        assert told() == ""

    def test_threads_have_their_own(self):
        both = Barrier(2)

        def look(practice_id):
            try:
                with scope(practice_id):
                    seen = []
                    for _ in range(20):
                        both.wait(timeout=20)
                        seen.append(told())
                    return set(seen)
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as threads:
            seen = list(threads.map(look, [ONE, TWO]))
        assert seen == [{str(ONE)}, {str(TWO)}]

    def test_what_a_request_leaves_behind_is_not_the_nexts(self):
        with scope(ONE):
            told()
        assert connection.connection is not None
        assert told() == ""

    def test_a_stream_goes_on_in_the_scope_of_its_first_row(self):
        practice, other = (register_practice(name=name, time_zone="America/Chicago") for name in ("One", "Two"))
        for practice_id in (practice, other):
            with scope(practice_id), audit.batch("test", by=Actor.system("test")):
                for _ in range(5):
                    queue_notification(kind="critical_alert", reference=uuid4())
        for block in (transaction.atomic, nullcontext):
            with block():
                with scope(practice):
                    rows = Notification.objects.iterator(chunk_size=1)
                    seen = [next(rows).practice_id]
                with scope(other):
                    seen += [next(rows).practice_id, next(rows).practice_id]
                seen += [row.practice_id for row in rows]
            assert seen == [practice] * 5


@pytest.mark.django_db
class TestInsideATransaction:
    def test_after_a_savepoint_it_is_told_again(self):
        with scope(ONE):
            with suppress(RuntimeError), transaction.atomic(), scope(TWO):
                assert told() == str(TWO)
                raise RuntimeError
            with scope(TWO):
                assert told() == str(TWO)
            assert told() == str(ONE)
            with suppress(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
            assert told() == str(ONE)

    def test_a_scope_first_told_behind_a_savepoint_is_told_again(self):
        with suppress(RuntimeError), transaction.atomic(), scope(ONE):
            assert told() == str(ONE)
            raise RuntimeError
        with scope(ONE):
            assert told() == str(ONE)
        assert told() == ""

    @pytest.mark.parametrize("taking_back", ["ROLLBACK TO SAVEPOINT here", "RESET ALL", "RESET app.practice_id"])
    def test_raw_sql_that_takes_it_back_is_noticed(self, taking_back):
        with scope(ONE):
            with connection.cursor() as cursor:
                cursor.execute("SAVEPOINT here")
                with scope(TWO):
                    assert told() == str(TWO)
                    cursor.execute(taking_back)
                    assert told() == str(TWO)
            assert told() == str(ONE)

    def test_every_way_to_send_a_statement_tells(self):
        ask = "SELECT current_setting('app.practice_id', true)"
        with scope(ONE), connection.cursor() as cursor:
            assert list(cursor.stream(ask)) == [(str(ONE),)]
        with scope(TWO), connection.cursor() as cursor, cursor.copy(f"COPY ({ask}) TO STDOUT") as copy:
            assert list(copy.rows()) == [(str(TWO),)]
        with scope(ONE), connection.cursor() as cursor:
            cursor.executemany("SELECT set_config('app.seen', current_setting('app.practice_id'), %s)", [(False,)])
            cursor.execute("SELECT current_setting('app.seen')")
            assert cursor.fetchone()[0] == str(ONE)
        with scope(TWO), connection.chunked_cursor() as cursor:
            cursor.execute(ask)
            assert cursor.fetchone()[0] == str(TWO)
        for practice_id in (ONE, TWO, TWO, ONE):
            with scope(practice_id), prepared_cursor() as cursor:
                cursor.execute(f"{ask} WHERE %s = 1", [1])
                assert cursor.fetchone()[0] == str(practice_id)

    def test_it_is_told_once_a_scope(self, monkeypatch):
        from apps.foundation.tenancy.postgresql import base

        sent = []
        monkeypatch.setattr(base, "forget", lambda server, forget=base.forget: (sent.append(1), forget(server)))
        with scope(ONE):
            told()
            sent.clear()
            for _ in range(5):
                told()
            with scope(ONE):
                told()
        assert sent == []


@pytest.mark.django_db
@pytest.mark.parametrize("option", ["isolation_level", "server_side_binding"])
def test_options_that_break_the_telling_are_refused(option, monkeypatch):
    other = connection.copy()
    monkeypatch.setitem(other.settings_dict["OPTIONS"], option, True)
    with pytest.raises(ImproperlyConfigured, match=option):
        told(other)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "reason"),
    [("SELECT 0, false", "pooler"), ("SELECT pg_backend_pid(), true", "bypasses row-level security")],
)
def test_a_connection_that_cannot_be_trusted_is_refused(answer, reason, monkeypatch, settings):
    from apps.foundation.tenancy.postgresql import base

    settings.DATABASE_ROLE_BOUND = True
    other = connection.copy()
    assert told(other) == ""
    other.close()
    monkeypatch.setattr(base, "_WHO", answer)
    for _ in range(2):
        with pytest.raises(ImproperlyConfigured, match=reason):
            told(other)
        assert other.connection is None

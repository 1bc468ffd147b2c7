"""The second wall: for the product's role raw SQL reaches one practice's rows, and the log only to append to it.

Every statement here is made as the product would make it (`seeing_as_the_product`), past models and managers.
"""

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from apps.foundation.audit import services as audit
from apps.foundation.audit.models import AuditLog
from apps.foundation.tenancy import checks, policies, roles
from apps.foundation.tenancy.models import Practice
from apps.foundation.tenancy.services import platform_scope, scope
from apps.foundation.tenancy.types import PLATFORM_ID, Actor
from tests import product_role
from tests.architecture.test_models import bare_row, label, practice_models
from vantrexia.checks import role_in_the_database

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="row-level security is PostgreSQL's"),
]
LOG_TABLES = ("audit_auditlog", "audit_auditsubject", "audit_auditchain")


@pytest.fixture(autouse=True)
def as_the_product(db):
    if not product_role.is_product():
        pytest.skip("whoever DATABASE_URL names may not create the product's role")
    with product_role.seeing_as_the_product():
        yield


def run(statement, parameters=()):
    """In a savepoint, so that a refusal leaves the test's transaction whole."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def practices_in(table):
    return {practice_id for (practice_id,) in run(f"SELECT practice_id FROM {table}")}


def make_rows(model, cast):
    """One row of the table in each practice, and whatever they point to."""
    for practice in (cast.highland, cast.lakeside):
        with scope(practice.id):
            bare_row(model, practice.id)


# what is seen


@pytest.mark.parametrize("model", practice_models(), ids=label)
def test_a_table_shows_the_rows_of_the_practice_in_scope_and_no_others(model, cast):
    table, highland, lakeside = model._meta.db_table, cast.highland.id, cast.lakeside.id
    make_rows(model, cast)
    assert practices_in(table) == set()
    with scope(highland):
        assert practices_in(table) == {highland}
    with scope(lakeside):
        assert practices_in(table) == {lakeside}
    with platform_scope():
        assert practices_in(table) >= {highland, lakeside}
    assert practices_in(table) == set()


@pytest.mark.parametrize("table", LOG_TABLES)
def test_the_log_shows_the_chain_of_the_practice_in_scope(table, cast):
    subjects = [("thing", cast.stranger.id), ("thing", cast.stranger.id)]
    for practice in (cast.highland, cast.lakeside):
        with scope(practice.id):
            audit.record_disclosure("test.shown", subjects=subjects, by=practice.system)
    audit.record_disclosure("test.shown", subjects=subjects, by=Actor.system("test"))
    assert practices_in(table) == set()
    with scope(cast.highland.id):
        assert practices_in(table) == {cast.highland.id}
    with platform_scope():
        assert practices_in(table) == {cast.highland.id, cast.lakeside.id, PLATFORM_ID}


# what is written


@pytest.mark.parametrize("model", practice_models(), ids=label)
def test_a_row_of_another_practice_is_neither_made_changed_nor_removed(model, cast):
    table, highland, lakeside = model._meta.db_table, cast.highland.id, cast.lakeside.id
    make_rows(model, cast)
    with scope(highland):
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            bare_row(model, lakeside)
        with pytest.raises(DatabaseError):
            run(f"UPDATE {table} SET practice_id = %s", [lakeside])
        assert run(f"UPDATE {table} SET practice_id = practice_id WHERE practice_id = %s", [lakeside]) == 0
        assert run(f"DELETE FROM {table} WHERE practice_id = %s", [lakeside]) == 0
    with platform_scope():
        assert lakeside in practices_in(table)


@pytest.mark.parametrize("model", practice_models(), ids=label)
def test_outside_a_scope_nothing_is_written(model, cast):
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        bare_row(model, cast.highland.id)


def test_a_log_row_of_another_practice_is_not_written(cast):
    with scope(cast.lakeside.id):
        audit.record_event("test.event", by=cast.lakeside.system)
        copied = ", ".join(f.column for f in AuditLog._meta.concrete_fields if f.column not in ("id", "sequence"))
    with scope(cast.highland.id):
        audit.record_event("test.event", by=cast.highland.system)
        columns = copied.replace("practice_id", "%s")
        statement = f"INSERT INTO audit_auditlog (id, sequence, {copied}) SELECT gen_random_uuid(), 9999, {columns}"
        with pytest.raises(DatabaseError, match="row-level security"):
            run(f"{statement} FROM audit_auditlog LIMIT 1", [cast.lakeside.id])
        assert run("UPDATE audit_auditchain SET sequence = 0 WHERE practice_id = %s", [cast.lakeside.id]) == 0


FORBIDDEN = [
    *(f"{verb} {table}" for table in LOG_TABLES[:2] for verb in ("DELETE FROM", "TRUNCATE", "LOCK TABLE")),
    "UPDATE audit_auditlog SET action = 'x'",
    "UPDATE audit_auditsubject SET subject_type = 'x'",
    "DELETE FROM audit_auditchain",
    "TRUNCATE audit_auditchain",
    "TRUNCATE notifications_notification",
    "DROP TRIGGER audit_auditlog_no_change ON audit_auditlog",
    "ALTER TABLE audit_auditlog DISABLE TRIGGER ALL",
    "ALTER TABLE audit_auditlog DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE notifications_notification NO FORCE ROW LEVEL SECURITY",
    f"DROP POLICY {policies.NAME} ON notifications_notification",
    f"ALTER POLICY {policies.NAME} ON notifications_notification USING (true)",
    "CREATE POLICY everything ON notifications_notification USING (true)",
    "CREATE TABLE somewhere_else (id integer)",
    "CREATE TEMPORARY TABLE tenancy_practice (id uuid, practice_id uuid)",
    "CREATE FUNCTION vantrexia_refuse_change() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "DROP TABLE audit_auditlog",
    "SET LOCAL session_replication_role = replica",
    f"ALTER ROLE {product_role.ROLE} BYPASSRLS",
    "DELETE FROM django_migrations",
    "COPY audit_auditlog TO PROGRAM 'cat'",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_products_role_may_not(statement, cast):
    with platform_scope(), pytest.raises(DatabaseError, match=r"permission denied|must be owner|must be superuser"):
        run(statement)


def test_switching_row_security_off_is_an_error_and_no_way_round(cast):
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        run("SET LOCAL row_security = off")
        run("SELECT count(*) FROM notifications_notification")


# the role


def test_no_table_may_be_emptied_or_given_a_trigger_by_the_products_role():
    verbs = ("TRUNCATE", "TRIGGER", "REFERENCES")
    held = run(
        "SELECT tablename, verb FROM pg_tables, unnest(%s::text[]) AS verb "
        "WHERE schemaname = current_schema() AND has_table_privilege(%s, quote_ident(tablename), verb)",
        [list(verbs), product_role.ROLE],
    )
    assert held == []


def test_the_role_is_bound_and_owns_nothing():
    who = roles.connected_role(connection)
    assert (who.name, who.is_superuser, who.bypasses_policies, who.owns_tables) == (product_role.ROLE, *[False] * 3)
    with product_role.as_owner():
        assert roles.connected_role(connection).owns_tables


def test_securing_twice_changes_nothing_and_says_what_it_did(capsys):
    with product_role.as_owner():
        call_command("secure_database", role=product_role.ROLE, verbosity=2)
    said = capsys.readouterr().out
    assert f"Role {product_role.ROLE}: found" in said
    assert f'GRANT SELECT, INSERT ON "public"."audit_auditlog" TO "{product_role.ROLE}"' in said
    assert "PASSWORD" not in said


def test_a_role_that_goes_round_the_policies_is_not_accepted():
    with product_role.as_owner():
        owner = run("SELECT current_user")[0][0]
        with pytest.raises(CommandError):
            call_command("secure_database", role=owner)


def test_an_owner_in_production_is_warned_about(settings):
    settings.DATABASE_ROLE_BOUND = True
    assert role_in_the_database(databases=["default"]) == []
    with product_role.as_owner():
        assert [problem.id for problem in role_in_the_database(databases=["default"])] == ["vantrexia.W001"]


# the policies


def test_every_table_of_a_practice_has_its_policy():
    tables = {model._meta.db_table for model in practice_models()} | set(LOG_TABLES)
    assert set(policies.protected_tables()) == tables
    assert policies.unprotected(connection) == []
    assert checks.every_practice_table_has_a_policy(databases=["default"]) == []


@pytest.mark.parametrize(
    "weakening",
    [
        "ALTER TABLE notifications_notification DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE notifications_notification NO FORCE ROW LEVEL SECURITY",
        f"DROP POLICY {policies.NAME} ON notifications_notification",
        "CREATE POLICY everything ON notifications_notification USING (true)",
    ],
)
def test_a_table_without_its_policy_is_named_and_migrate_puts_it_up(weakening):
    with product_role.as_owner():
        run(weakening)
        (problem,) = checks.every_practice_table_has_a_policy(databases=["default"])
        assert (problem.id, "notifications_notification" in problem.msg) == ("tenancy.E001", True)
        if "everything" in weakening:
            run("DROP POLICY everything ON notifications_notification")
        else:
            assert policies.install(connection) == ["notifications_notification"]
        assert policies.unprotected(connection) == []


def test_the_practice_itself_is_found_before_any_scope(cast):
    assert Practice.objects.filter(id=cast.highland.id).exists()

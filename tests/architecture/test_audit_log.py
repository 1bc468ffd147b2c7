"""The audit log at the database: nothing changes it, its chain verifies, and a tampered row is found."""

import pytest
from django.apps import apps as django_apps
from django.db import DatabaseError, connection, transaction

from apps.foundation.audit import services as audit
from apps.foundation.audit import triggers
from apps.foundation.audit.models import AuditChain, AuditLog
from apps.foundation.audit.services import verify_chain
from apps.foundation.tenancy.services import register_practice, scope
from apps.foundation.tenancy.types import Actor
from tests import product_role

pytestmark = pytest.mark.django_db
LOG, SUBJECTS = "audit_auditlog", "audit_auditsubject"


@pytest.fixture
def practice():
    """A practice whose log holds five rows, one of them with further subjects."""
    practice_id = register_practice(name="Lakeside", time_zone="America/Chicago")
    by = Actor.system("test", practice_id=practice_id)
    with scope(practice_id):
        for number in range(4):
            audit.record_event("test.event", by=by, detail={"number": number})
        audit.record_disclosure(
            "test.shown", subjects=[("thing", practice_id), ("thing", by.user_id or practice_id)], by=by
        )
    return practice_id


def sql(statement: str, *parameters: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


COLUMNS = [field.column for field in AuditLog._meta.concrete_fields]
CHANGES = [
    *(f"UPDATE {LOG} SET {column} = {column}" for column in COLUMNS),
    f"DELETE FROM {LOG}",
    f"UPDATE {SUBJECTS} SET subject_type = 'other'",
    f"DELETE FROM {SUBJECTS}",
]
BY_VENDOR = {
    "sqlite": [
        f"INSERT OR REPLACE INTO {LOG} SELECT * FROM {LOG}",
        f"REPLACE INTO {SUBJECTS} SELECT * FROM {SUBJECTS}",
        f"INSERT INTO {LOG} SELECT * FROM {LOG} WHERE true ON CONFLICT (id) DO UPDATE SET action = 'other'",
    ],
    "postgresql": [
        f"TRUNCATE {LOG} CASCADE",
        f"TRUNCATE {SUBJECTS}",
        f"INSERT INTO {LOG} SELECT * FROM {LOG} ON CONFLICT (id) DO UPDATE SET action = 'other'",
    ],
}


@pytest.mark.parametrize("statement", CHANGES)
def test_the_database_refuses(statement, practice):
    with product_role.as_owner(), pytest.raises(DatabaseError, match="append-only"):
        sql(statement)
    assert verify_chain(practice).ok


def test_the_database_refuses_its_own_ways_round(practice):
    if connection.vendor == "postgresql":
        sql("SET CONSTRAINTS ALL IMMEDIATE")  # else TRUNCATE is refused for a reason of its own
    for statement in BY_VENDOR[connection.vendor]:
        with product_role.as_owner(), pytest.raises(DatabaseError, match="append-only"):
            sql(statement)
    assert verify_chain(practice).ok


def test_a_replacement_by_the_number_in_the_chain_is_refused(practice):
    """A row with a new id that takes the place of number 2: no way past the unique number either."""
    columns = ", ".join(f"'{'0' * 32}'" if column == "id" else column for column in COLUMNS)
    verb = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
    with pytest.raises(DatabaseError):
        sql(f"{verb} INTO {LOG} ({', '.join(COLUMNS)}) SELECT {columns} FROM {LOG} WHERE sequence = 2")
    assert AuditLog.objects.filter(practice_id=practice, sequence=2).count() == 1
    assert verify_chain(practice).ok


def test_every_trigger_stands_after_all_migrations():
    assert triggers.present_triggers(connection) == triggers.trigger_names(connection)


def test_no_later_migration_rebuilds_the_log():
    """On SQLite altering a column rebuilds the table and drops its triggers without a word: install them again then."""
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    names = sorted(name for app, name in loader.disk_migrations if app == django_apps.get_app_config("audit").label)
    touching = [name for name in names if loader.disk_migrations["audit", name].operations]
    last = loader.disk_migrations["audit", touching[-1]]
    assert any(type(operation).__name__ == "RunPython" for operation in last.operations)


TAMPERINGS = {
    "an action": f"UPDATE {LOG} SET action = 'other' WHERE sequence = 3",
    "an actor": f"UPDATE {LOG} SET actor_role = 'other' WHERE sequence = 3",
    "a detail": f"UPDATE {LOG} SET detail = (SELECT detail FROM {LOG} WHERE sequence = 2) WHERE sequence = 3",
    "a deleted row": f"DELETE FROM {LOG} WHERE sequence = 3",
    "a moved row": f"UPDATE {LOG} SET sequence = 100 WHERE sequence = 3",
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_a_tampered_row_is_found(what, practice):
    """Somebody with the database's password, who takes the triggers off first."""
    before = verify_chain(practice)
    assert (before.ok, before.rows) == (True, 5)
    with product_role.behind_the_triggers():
        sql(TAMPERINGS[what])
    after = verify_chain(practice)
    assert (after.ok, after.first_bad) == (False, 3)


def test_a_cut_tail_is_found(practice):
    with product_role.behind_the_triggers():
        sql(f"DELETE FROM {SUBJECTS}")
        sql(f"DELETE FROM {LOG} WHERE sequence = 5")
    assert verify_chain(practice).first_bad == 5


def test_one_practice_does_not_break_anothers_chain(practice):
    other = register_practice(name="Hillside", time_zone="America/Denver")
    with scope(other):
        audit.record_event("test.event", by=Actor.system("test", practice_id=other))
    assert verify_chain(other).rows == 1
    assert verify_chain(practice).rows == 5
    assert AuditChain.objects.get(practice_id=other).sequence == 1

"""The database's own refusal to change a time entry or to remove one, on SQLite and on PostgreSQL.

The sealed reason may be written anew, for that is how a practice changes its key.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from apps.foundation.tenancy.links import standing_refusals

TABLE = "billing_timeentry"
_REFUSAL = "a time entry is never changed: a correction is a row of its own"
_KEPT = (
    *("id", "practice_id", "patient_id", "person_id", "role", "program", "category", "source", "source_id", "part"),
    *("started_at", "ended_at", "local_date", "month", "seconds", "stretches", "interactive", "change"),
    *("recorded_at", "recorded_by_id", "replaces_id"),
)
_FUNCTION = "billing_refuse_entry_change"


def trigger_names() -> set[str]:
    """The names that must stand in the database's catalogue."""
    return {f"{TABLE}_no_{verb}" for verb in ("update", "delete")}


def present_triggers(connection: BaseDatabaseWrapper) -> set[str]:
    """Those of `trigger_names` that stand there."""
    return standing_refusals(connection) & trigger_names()


def install(connection: BaseDatabaseWrapper) -> None:
    """UPDATE of what was recorded, and DELETE, fail from here on. Safe to repeat."""
    remove(connection)
    is_sqlite = connection.vendor == "sqlite"
    refuse = (
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END" if is_sqlite else f"FOR EACH ROW EXECUTE FUNCTION {_FUNCTION}()"
    )
    with connection.cursor() as cursor:
        if not is_sqlite:
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
        cursor.execute(f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE OF {', '.join(_KEPT)} ON {TABLE} {refuse}")
        cursor.execute(f"CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE} {refuse}")


def remove(connection: BaseDatabaseWrapper) -> None:
    """The refusals are gone; only a test's clean-up and a rebuild of the table may ask for this."""
    suffix = "" if connection.vendor == "sqlite" else f" ON {TABLE}"
    with connection.cursor() as cursor:
        for name in sorted(trigger_names()):
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{suffix}")

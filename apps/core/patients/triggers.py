"""What the database itself refuses: a device worn by two people at once.

Links between practices are refused by `apps.foundation.tenancy.links`.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from apps.foundation.tenancy.links import standing_refusals

_ASSIGNMENTS = "patients_deviceassignment"
_REFUSAL = "the device is assigned to someone in that period"
_NAME = "assignment_no_overlap"

_SQLITE_BODY = f"""
SELECT RAISE(ABORT, '{_REFUSAL}') WHERE EXISTS (
  SELECT 1 FROM {_ASSIGNMENTS} other
  WHERE other.device_id = NEW.device_id AND other.id <> NEW.id
    AND other.starts_at < COALESCE(NEW.ends_at, '9999-12-31') AND COALESCE(other.ends_at, '9999-12-31') > NEW.starts_at
);
"""  # noqa: S608


def refusal_names(connection: BaseDatabaseWrapper) -> set[str]:
    """The triggers (SQLite) or the constraint (PostgreSQL) that must stand in the database's catalogue."""
    return {f"{_NAME}_insert", f"{_NAME}_update"} if connection.vendor == "sqlite" else {_NAME}


def present_refusals(connection: BaseDatabaseWrapper) -> set[str]:
    """Those of `refusal_names` that stand there."""
    return standing_refusals(connection) & refusal_names(connection)


def install(connection: BaseDatabaseWrapper) -> None:
    """Overlapping assignments fail from here on. Safe to repeat."""
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for verb in ("insert", "update"):
                cursor.execute(
                    f"CREATE TRIGGER {_NAME}_{verb} BEFORE {verb.upper()} ON {_ASSIGNMENTS} BEGIN {_SQLITE_BODY} END"
                )
            return
        cursor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        cursor.execute(
            f"ALTER TABLE {_ASSIGNMENTS} ADD CONSTRAINT {_NAME} "
            "EXCLUDE USING gist (device_id WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&)"
        )


def remove(connection: BaseDatabaseWrapper) -> None:
    """Nothing refuses overlaps; only a rebuild of the table may ask for this."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in sorted(refusal_names(connection)):
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            return
        cursor.execute(f"ALTER TABLE {_ASSIGNMENTS} DROP CONSTRAINT IF EXISTS {_NAME}")

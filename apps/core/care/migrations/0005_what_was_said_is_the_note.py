"""What was said on the phone stands in the call's note, and nowhere else.

SQLite may rebuild a table that loses a column, without its triggers: those of care are installed anew. On the way back
the column may be null: no migration can seal a default.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from apps.foundation.encryption.fields import SealedTextField
from apps.foundation.tenancy.links import lift_for_rebuild, refuse_crossing_links


def lift(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    lift_for_rebuild(schema_editor.connection, *apps.get_app_config("care").get_models())


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    refuse_crossing_links(schema_editor.connection, *apps.get_app_config("care").get_models())


class Migration(migrations.Migration):
    dependencies = [("care", "0004_visits_end")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.AlterField("call", "text", SealedTextField(blank=True, null=True))]
        ),
        migrations.RunPython(lift, migrations.RunPython.noop),
        migrations.RemoveField("call", "text"),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]

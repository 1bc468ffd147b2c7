"""The database refuses overlapping assignments and links between practices."""

from django.db import migrations

from apps.core.patients import triggers
from apps.foundation.tenancy.links import refuse_crossing_links


def install(apps, schema_editor):
    triggers.install(schema_editor.connection)
    tables = [apps.get_model("patients", name) for name in ("DeviceAssignment", "SearchToken")]
    refuse_crossing_links(schema_editor.connection, *tables)


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]

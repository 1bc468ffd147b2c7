"""The version of the patient's record that a result was made with.

Adding the column rebuilds the table on SQLite, which drops its triggers without a word: they are installed again.
"""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from apps.foundation.tenancy.links import refuse_crossing_links


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    refuse_crossing_links(schema_editor.connection, *apps.get_app_config("triage").get_models())


class Migration(migrations.Migration):
    dependencies = [("triage", "0002_links_stay_in_the_practice")]

    operations = [
        migrations.AddField("triagestate", "patient_version", models.PositiveIntegerField(default=0)),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from apps.foundation.tenancy.links import refuse_crossing_links


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    refuse_crossing_links(schema_editor.connection, *apps.get_app_config("care").get_models())


class Migration(migrations.Migration):
    dependencies = [("care", "0001_initial")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]

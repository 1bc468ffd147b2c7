from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from apps.foundation.tenancy.links import refuse_crossing_links


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    refuse_crossing_links(schema_editor.connection, *apps.get_app_config("billing").get_models())


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_billing_periods")]
    operations = [migrations.RunPython(install, migrations.RunPython.noop)]

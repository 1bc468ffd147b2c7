"""What the pages of the trail narrow by is indexed; the refusals to change it are put up again."""

from django.db import migrations, models

from apps.foundation.audit import triggers


def install(apps, schema_editor):
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]

    operations = [
        migrations.AddIndex(
            model_name="auditlog",
            index=models.Index(fields=["practice_id", "actor_id", "sequence"], name="audit_by_actor"),
        ),
        migrations.AddIndex(
            model_name="auditlog",
            index=models.Index(fields=["practice_id", "action", "sequence"], name="audit_by_action"),
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]

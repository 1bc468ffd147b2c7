"""A further subject names the practice of its log row, for row-level security. The rows that stand learn it here."""

from django.db import migrations, models

from apps.foundation.audit import triggers


def fill(apps, schema_editor):
    triggers.remove(schema_editor.connection)
    log, subject = apps.get_model("audit", "AuditLog"), apps.get_model("audit", "AuditSubject")
    of_its_log = log.objects.filter(id=models.OuterRef("log_id")).values("practice_id")[:1]
    subject.objects.filter(practice_id=None).update(practice_id=models.Subquery(of_its_log))


def guard(apps, schema_editor):
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_trail")]

    operations = [
        migrations.AddField(
            model_name="auditsubject", name="practice_id", field=models.UUIDField(null=True), preserve_default=False
        ),
        migrations.RunPython(fill, guard),
        migrations.AlterField(model_name="auditsubject", name="practice_id", field=models.UUIDField()),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]

"""A visit's spans know whether they are counted, and in which time entry."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("care", "0003_the_clinicians_day")]

    operations = [
        migrations.AddField("activityspan", "closed_at", models.DateTimeField(null=True)),
        migrations.AddField("activityspan", "entry_id", models.UUIDField(null=True)),
        migrations.AddIndex(
            "activityspan",
            models.Index(condition=models.Q(("closed_at__isnull", True)), fields=["ends_at"], name="activity_open"),
        ),
    ]

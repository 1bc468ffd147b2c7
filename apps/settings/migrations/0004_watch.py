from django.db import migrations, models

import apps.settings.models


class Migration(migrations.Migration):
    dependencies = [("practice_settings", "0003_panels")]

    operations = [
        migrations.AddField("practicepreference", "holds_back_warnings", models.BooleanField(default=True)),
        migrations.AddField(
            "practicepreference", "critical_clock_minutes", models.PositiveSmallIntegerField(default=30)
        ),
        migrations.AddField(
            "practicepreference", "warning_clock_minutes", models.PositiveSmallIntegerField(default=240)
        ),
        migrations.AddField("practicepreference", "critical_clock_always", models.BooleanField(default=False)),
        migrations.AddField(
            "practicepreference", "escalation_ladder", models.JSONField(default=apps.settings.models._ladder)
        ),
    ]

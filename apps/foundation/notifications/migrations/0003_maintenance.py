"""Times at which the product will not answer, of the whole installation."""

from django.db import migrations, models

import apps.foundation.tenancy.ids


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_deliveries")]

    operations = [
        migrations.CreateModel(
            name="MaintenanceWindow",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.foundation.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("announced_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=["starts_at", "ends_at"],
                        name="maintenance_announced_once",
                    )
                ]
            },
        ),
    ]

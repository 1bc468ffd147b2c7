import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.foundation.encryption.fields
import apps.foundation.tenancy.ids


class Migration(migrations.Migration):
    dependencies = [
        ("authentication", "0002_access"),
    ]

    operations = [
        migrations.CreateModel(
            name="SealedSignIn",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.foundation.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("email", apps.foundation.encryption.fields.SealedEmailField(max_length=254)),
                ("email_tag", models.BigIntegerField(unique=True)),
                ("language", models.CharField(max_length=10)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sealed_sign_in",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.foundation.encryption.fields
import apps.foundation.tenancy.ids
from apps.foundation.tenancy.links import refuse_crossing_links


def install(apps, schema_editor):
    tables = (apps.get_model("patients", name) for name in ("PortalAccess", "PortalInvitation"))
    refuse_crossing_links(schema_editor.connection, *tables)


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0006_privacy"),
        ("tenancy", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PortalAccess",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.foundation.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="portal_accesses",
                        to="patients.patient",
                    ),
                ),
                (
                    "practice",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.practice",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("patient",),
                        name="portal_access_one_account",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("user",),
                        name="portal_access_one_patient",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PortalInvitation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.foundation.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("email", apps.foundation.encryption.fields.SealedEmailField(max_length=254)),
                ("language", models.CharField(max_length=10)),
                ("secret_hash", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "invited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="portal_invitations",
                        to="patients.patient",
                    ),
                ),
                (
                    "practice",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.practice",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at__isnull", True), ("revoked_at__isnull", True)),
                        fields=("patient",),
                        name="portal_invitation_one_open",
                    )
                ],
            },
        ),
        migrations.AlterField(
            model_name="privacyrequest",
            name="channel",
            field=models.CharField(
                choices=[
                    ("in_person", "in_person"),
                    ("letter", "letter"),
                    ("phone", "phone"),
                    ("email", "email"),
                    ("portal", "portal"),
                ],
                max_length=10,
            ),
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]

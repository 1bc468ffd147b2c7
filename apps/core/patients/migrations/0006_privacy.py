import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.foundation.encryption.fields
import apps.foundation.tenancy.ids
from apps.foundation.tenancy.links import refuse_crossing_links


def install(apps, schema_editor):
    tables = (apps.get_model("patients", name) for name in ("PrivacyRequest", "EmergencyAccess"))
    refuse_crossing_links(schema_editor.connection, *tables)


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0005_list_by_risk"),
        ("tenancy", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EmergencyAccess",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.foundation.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("reason", apps.foundation.encryption.fields.SealedTextField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("reviewed_at", models.DateTimeField(blank=True, null=True)),
                ("review_note", apps.foundation.encryption.fields.SealedTextField(blank=True, default="")),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="emergency_accesses",
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
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "indexes": [
                    models.Index(fields=["practice", "user", "ends_at"], name="emergency_open"),
                    models.Index(fields=["practice", "reviewed_at", "starts_at"], name="emergency_queue"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="emergency_ends"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PrivacyRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.foundation.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("access", "access"),
                            ("amendment", "amendment"),
                            ("accounting", "accounting"),
                            ("restriction", "restriction"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("extended", "extended"),
                            ("granted", "granted"),
                            ("partly", "partly"),
                            ("denied", "denied"),
                            ("withdrawn", "withdrawn"),
                        ],
                        max_length=10,
                    ),
                ),
                ("received_on", models.DateField()),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("in_person", "in_person"),
                            ("letter", "letter"),
                            ("phone", "phone"),
                            ("email", "email"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "asked_by",
                    models.CharField(
                        choices=[("patient", "patient"), ("representative", "representative")], max_length=14
                    ),
                ),
                (
                    "representative_name",
                    apps.foundation.encryption.fields.SealedCharField(blank=True, default="", max_length=200),
                ),
                (
                    "representative_relationship",
                    apps.foundation.encryption.fields.SealedCharField(blank=True, default="", max_length=100),
                ),
                ("text", apps.foundation.encryption.fields.SealedTextField()),
                ("due_on", models.DateField()),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                ("extended_on", models.DateField(blank=True, null=True)),
                ("extension_reason", apps.foundation.encryption.fields.SealedTextField(blank=True, default="")),
                ("closed_on", models.DateField(blank=True, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("reason", apps.foundation.encryption.fields.SealedTextField(blank=True, default="")),
                ("rights_explained", models.BooleanField(default=False)),
                ("outcome", apps.foundation.encryption.fields.SealedTextField(blank=True, default="")),
                ("ended_on", models.DateField(blank=True, null=True)),
                ("end_reason", apps.foundation.encryption.fields.SealedTextField(blank=True, default="")),
                (
                    "decided_by",
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
                        related_name="privacy_requests",
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
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["practice", "closed_on", "due_on"], name="privacy_queue")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_on__isnull", True), ("state__in", ["open", "extended"])),
                            models.Q(
                                ("closed_on__isnull", False),
                                models.Q(("state__in", ["open", "extended"]), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="privacy_request_closed",
                    )
                ],
            },
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]

"""Calls, messages, medications, hand-over and activity; their links stay in the practice."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import apps.foundation.encryption.fields
import apps.foundation.tenancy.ids
from apps.foundation.tenancy.links import refuse_crossing_links


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    refuse_crossing_links(schema_editor.connection, *apps.get_app_config("care").get_models())


class Migration(migrations.Migration):
    dependencies = [
        ("care", "0002_links_stay_in_the_practice"),
        ("patients", "0006_privacy"),
        ("tenancy", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MessageThread",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.foundation.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("subject", apps.foundation.encryption.fields.SealedCharField(max_length=120)),
                ("opened_at", models.DateTimeField()),
                ("last_message_at", models.DateTimeField()),
                ("waits_for_team", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.patient"
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
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.foundation.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("sender", models.CharField(choices=[("team", "team"), ("patient", "patient")], max_length=10)),
                ("template", models.CharField(blank=True, default="", max_length=30)),
                ("text", apps.foundation.encryption.fields.SealedTextField()),
                ("sent_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                ("read_by", models.UUIDField(null=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
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
                    "thread",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="care.messagethread"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ActivitySpan",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.foundation.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("visit", models.UUIDField()),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("reviewing_vitals", "reviewing_vitals"),
                            ("triage", "triage"),
                            ("communication", "communication"),
                            ("care_plan", "care_plan"),
                        ],
                        max_length=20,
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.patient"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
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
                "indexes": [
                    models.Index(fields=["person", "ends_at"], name="activity_of_person"),
                    models.Index(fields=["visit"], name="activity_of_visit"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="activity_ends_after_start"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.foundation.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("reached", "reached"),
                            ("reached_caregiver", "reached_caregiver"),
                            ("voicemail", "voicemail"),
                            ("no_answer", "no_answer"),
                            ("wrong_number", "wrong_number"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "identity_check",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("date_of_birth", "date_of_birth"),
                            ("address", "address"),
                            ("known_voice", "known_voice"),
                            ("not_done", "not_done"),
                        ],
                        max_length=20,
                    ),
                ),
                ("interactive", models.BooleanField(default=False)),
                ("started_at", models.DateTimeField()),
                ("seconds", models.PositiveIntegerField()),
                ("phone", apps.foundation.encryption.fields.SealedCharField(blank=True, default="", max_length=40)),
                ("template", models.CharField(blank=True, default="", max_length=30)),
                ("text", apps.foundation.encryption.fields.SealedTextField(blank=True, default="")),
                ("alert_id", models.UUIDField(null=True)),
                ("recorded_at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "note",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="care.note"
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.patient"
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
                "indexes": [models.Index(fields=["patient", "-started_at"], name="call_by_patient")],
            },
        ),
        migrations.CreateModel(
            name="HandOverItem",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.foundation.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("text", apps.foundation.encryption.fields.SealedTextField()),
                ("written_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.patient"
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
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at__isnull", True)),
                        fields=["practice", "written_at"],
                        name="hand_over_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MedicationStatement",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.foundation.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", apps.foundation.encryption.fields.SealedCharField(max_length=120)),
                ("dose", apps.foundation.encryption.fields.SealedCharField(blank=True, default="", max_length=120)),
                ("instructions", apps.foundation.encryption.fields.SealedTextField(blank=True, default="")),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("end_reason", apps.foundation.encryption.fields.SealedTextField(blank=True, default="")),
                ("recorded_at", models.DateTimeField()),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.patient"
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["patient", "ends_on"], name="medication_by_patient")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__isnull", True), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                        ),
                        name="medication_ends_after_start",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="messagethread",
            index=models.Index(fields=["patient", "-last_message_at"], name="thread_by_patient"),
        ),
        migrations.AddIndex(
            model_name="messagethread",
            index=models.Index(
                condition=models.Q(("waits_for_team__isnull", False)),
                fields=["practice", "waits_for_team"],
                name="thread_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["thread", "sent_at"], name="message_in_thread"),
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]

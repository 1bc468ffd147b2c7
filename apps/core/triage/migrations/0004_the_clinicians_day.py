"""The rows of the clinician's day. SQLite rebuilds altered tables without their triggers: all are installed anew."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import apps.foundation.encryption.fields
import apps.foundation.tenancy.ids
from apps.foundation.tenancy.links import lift_for_rebuild, refuse_crossing_links


def lift(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    lift_for_rebuild(schema_editor.connection, *apps.get_app_config("triage").get_models())


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    refuse_crossing_links(schema_editor.connection, *apps.get_app_config("triage").get_models())


class Migration(migrations.Migration):
    dependencies = [
        ("patients", "0006_privacy"),
        ("tenancy", "0001_initial"),
        ("triage", "0003_the_record_a_result_was_made_with"),
    ]

    operations = [
        migrations.RunPython(lift, migrations.RunPython.noop),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.foundation.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("user_id", models.UUIDField()),
                ("name", apps.foundation.encryption.fields.SealedCharField(max_length=60)),
                ("criteria", models.JSONField()),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SymptomReport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.foundation.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("reported_at", models.DateTimeField()),
                (
                    "severity",
                    models.CharField(
                        choices=[("none", "none"), ("any", "any"), ("red_flag", "red_flag")], max_length=10
                    ),
                ),
                ("answers", apps.foundation.encryption.fields.SealedJSONField()),
            ],
        ),
        migrations.CreateModel(
            name="WearerQuestion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.foundation.tenancy.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("evidence", apps.foundation.encryption.fields.SealedJSONField()),
                ("asked_at", models.DateTimeField()),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("same_person", "same_person"),
                            ("somebody_else", "somebody_else"),
                            ("unknown", "unknown"),
                        ],
                        max_length=20,
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                ("answered_by", models.UUIDField(null=True)),
                ("note", apps.foundation.encryption.fields.SealedTextField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="alert",
            name="ladder_step",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="alertthreshold",
            name="signed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="alertthreshold",
            name="signed_by",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="triagestate",
            name="memory",
            field=apps.foundation.encryption.fields.SealedJSONField(null=True),
        ),
        migrations.AlterField(
            model_name="alert",
            name="rule",
            field=models.CharField(
                choices=[
                    ("blood_pressure_high", "blood_pressure_high"),
                    ("blood_pressure_low", "blood_pressure_low"),
                    ("pulse_high", "pulse_high"),
                    ("pulse_low", "pulse_low"),
                    ("spo2_low", "spo2_low"),
                    ("glucose_high", "glucose_high"),
                    ("glucose_low", "glucose_low"),
                    ("weight_gain", "weight_gain"),
                    ("weight_loss", "weight_loss"),
                    ("blood_pressure_average", "blood_pressure_average"),
                    ("symptom_red_flag", "symptom_red_flag"),
                    ("unverified_critical", "unverified_critical"),
                    ("non_compliant", "non_compliant"),
                ],
                max_length=30,
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(fields=["practice", "opened_at"], name="alert_by_age"),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)), fields=["clock_due_at"], name="alert_clock"
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="practice",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.practice"
            ),
        ),
        migrations.AddField(
            model_name="symptomreport",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.patient"
            ),
        ),
        migrations.AddField(
            model_name="symptomreport",
            name="practice",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.practice"
            ),
        ),
        migrations.AddField(
            model_name="wearerquestion",
            name="assignment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.deviceassignment"
            ),
        ),
        migrations.AddField(
            model_name="wearerquestion",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="patients.patient"
            ),
        ),
        migrations.AddField(
            model_name="wearerquestion",
            name="practice",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tenancy.practice"
            ),
        ),
        migrations.AddIndex(
            model_name="savedview",
            index=models.Index(fields=["user_id", "created_at"], name="view_of_person"),
        ),
        migrations.AddIndex(
            model_name="symptomreport",
            index=models.Index(fields=["patient", "-reported_at"], name="symptoms_of_patient"),
        ),
        migrations.AddIndex(
            model_name="wearerquestion",
            index=models.Index(fields=["patient", "answered_at"], name="wearer_question_of_patient"),
        ),
        migrations.AddConstraint(
            model_name="wearerquestion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answered_at__isnull", True)), fields=("assignment",), name="wearer_question_once"
            ),
        ),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]

"""Links of the new tables stay inside their practice; who wore a device before is not asked about anew.

New columns may have rebuilt the table of assignments on SQLite, which drops its triggers: they are installed again.
"""

from django.db import migrations
from django.db.models import F
from django.db.models.functions import Now

from apps.core.patients import triggers
from apps.foundation.tenancy.links import refuse_crossing_links

_NEW = (
    "DeviceAssignment",
    "ExternalIdentifier",
    "Coverage",
    "Diagnosis",
    "EpisodeOfCare",
    "ConsentRecord",
    "EducationRecord",
    "CareGoal",
    "CareTeamMember",
    "RetentionReview",
)


def install(apps, schema_editor):
    triggers.install(schema_editor.connection)
    refuse_crossing_links(schema_editor.connection, *(apps.get_model("patients", name) for name in _NEW))


def leave_past_wear_alone(apps, schema_editor):
    assignments = apps.get_model("patients", "DeviceAssignment")._base_manager
    assignments.filter(device__last_seen_at__gte=F("starts_at")).update(
        first_reading_at=F("starts_at"), confirmed_at=Now()
    )


class Migration(migrations.Migration):
    dependencies = [("patients", "0003_the_whole_record")]
    operations = [
        migrations.RunPython(leave_past_wear_alone, migrations.RunPython.noop),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]

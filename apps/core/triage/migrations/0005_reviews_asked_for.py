"""A version of the limits knows when somebody was asked to look at it again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triage", "0004_the_clinicians_day")]

    operations = [migrations.AddField("alertthreshold", "review_asked_at", models.DateTimeField(null=True))]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("practice_settings", "0002_search_and_retention")]

    operations = [
        migrations.AddField("practicepreference", "uses_panels", models.BooleanField(default=False)),
    ]

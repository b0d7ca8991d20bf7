"""Keep with a snapshot what was left out of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="snapshot",
            name="notes",
            field=models.JSONField(blank=True, default=list, help_text="What was left out of the folder, and why"),
        ),
    ]

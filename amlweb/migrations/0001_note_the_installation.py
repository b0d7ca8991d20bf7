"""Notes in the database which data folder it is used with."""

from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def note_installation(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write the id of the data folder of the process that makes the tables."""
    apps.get_model("amlweb", "Installation").objects.create(pk=settings.INSTALLATION_ID)


class Migration(migrations.Migration):
    """Makes the table with its one row."""

    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Installation",
            fields=[
                ("id", models.CharField(max_length=12, primary_key=True, serialize=False)),
                ("noted_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.RunPython(note_installation, migrations.RunPython.noop),
    ]

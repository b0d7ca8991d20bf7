# The words for a grant that names nobody or too many.

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("computes", "0002_record_who_trusts_a_local_target"),
        ("projects", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterConstraint(
            model_name="targetgrant",
            name="grant_names_exactly_one",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("everyone", False), ("group", None), ("project", None), ("user__isnull", False)),
                    models.Q(("everyone", False), ("group__isnull", False), ("project", None), ("user", None)),
                    models.Q(("everyone", False), ("group", None), ("project__isnull", False), ("user", None)),
                    models.Q(("everyone", True), ("group", None), ("project", None), ("user", None)),
                    _connector="OR",
                ),
                name="grant_names_exactly_one",
                violation_error_message="Name exactly one: a person, a group, a project, or everyone.",
            ),
        ),
    ]

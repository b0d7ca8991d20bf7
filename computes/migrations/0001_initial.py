# The first tables of this room.

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("projects", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ComputeTarget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        max_length=60,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z0-9][A-Za-z0-9_.-]{0,59}\\Z",
                                "A target's name is 1 to 60 letters, digits, dots, dashes or underscores, and starts with a letter or digit.",
                            )
                        ],
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("local", "This machine"),
                            ("localdocker", "Docker on this machine"),
                            ("remote", "Remote machine over SSH"),
                            ("remotedocker", "Docker on a remote machine"),
                            ("cluster", "Spark cluster over SSH"),
                            ("livy", "Spark cluster through Livy"),
                        ],
                        default="local",
                        max_length=20,
                    ),
                ),
                ("description", models.CharField(blank=True, max_length=300)),
                ("is_enabled", models.BooleanField(default=True)),
                ("is_draining", models.BooleanField(default=False, help_text="Finish what runs, start nothing new")),
                ("drain_reason", models.CharField(blank=True, max_length=300)),
                (
                    "slots",
                    models.PositiveSmallIntegerField(
                        default=2,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                    ),
                ),
                ("longest_run_seconds", models.PositiveIntegerField(blank=True, null=True)),
                ("work_folder", models.CharField(blank=True, max_length=500)),
                ("python_location", models.CharField(default="python3", max_length=500)),
                ("native_shared_directory", models.CharField(blank=True, max_length=500)),
                ("spark_submit_location", models.CharField(blank=True, max_length=500)),
                ("environment_variables", models.JSONField(blank=True, default=dict)),
                (
                    "lost_after_seconds",
                    models.PositiveIntegerField(
                        default=86400, help_text="After this long without contact a run is called lost"
                    ),
                ),
                ("last_contact_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("contact_problem", models.CharField(blank=True, editable=False, max_length=500)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="TargetCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("requested_at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("items", models.JSONField(default=list)),
                (
                    "problem",
                    models.CharField(blank=True, help_text="Why the check itself could not be made", max_length=500),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="checks", to="computes.computetarget"
                    ),
                ),
            ],
            options={
                "ordering": ["-requested_at"],
            },
        ),
        migrations.CreateModel(
            name="TargetGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("everyone", models.BooleanField(default=False)),
                ("slots", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("longest_run_seconds", models.PositiveIntegerField(blank=True, null=True)),
                ("granted_at", models.DateTimeField(auto_now_add=True)),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to="auth.group"
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to="projects.project"
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="grants", to="computes.computetarget"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("everyone", False), ("group", None), ("project", None), ("user__isnull", False)),
                            models.Q(("everyone", False), ("group__isnull", False), ("project", None), ("user", None)),
                            models.Q(("everyone", False), ("group", None), ("project__isnull", False), ("user", None)),
                            models.Q(("everyone", True), ("group", None), ("project", None), ("user", None)),
                            _connector="OR",
                        ),
                        name="grant_names_exactly_one",
                    )
                ],
            },
        ),
    ]

# The first tables of this room.

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import runs.status


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("computes", "0001_initial"),
        ("projects", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("name", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("beat_at", models.DateTimeField()),
                (
                    "owner",
                    models.UUIDField(help_text="Which process holds the post, where there is only one", null=True),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("idempotency_key", models.CharField(max_length=100, null=True)),
                ("script", models.CharField(max_length=500)),
                ("configuration", models.JSONField()),
                ("description", models.CharField(blank=True, max_length=500)),
                ("time_limit_seconds", models.PositiveIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("preparing", "preparing"),
                            ("running", "running"),
                            ("finalizing", "finalizing"),
                            ("completed", "completed"),
                            ("failed", "failed"),
                            ("canceled", "canceled"),
                        ],
                        default=runs.status.State["QUEUED"],
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=30)),
                (
                    "reason_detail",
                    models.TextField(blank=True, help_text="What exactly went wrong, in words of this run"),
                ),
                (
                    "failure_excerpt",
                    models.TextField(blank=True, help_text="The last traceback of the log, or its last lines"),
                ),
                ("wait_reason", models.CharField(blank=True, max_length=300)),
                ("exit_code", models.IntegerField(null=True)),
                ("exit_signal", models.PositiveSmallIntegerField(null=True)),
                ("cancel_requested_at", models.DateTimeField(null=True)),
                (
                    "cancel_receipt",
                    models.JSONField(default=list, help_text="What the stop did: [step, seconds since the start]"),
                ),
                ("queued_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "admitted_at",
                    models.DateTimeField(help_text="When a slot of the target was reserved for it", null=True),
                ),
                ("preparing_at", models.DateTimeField(null=True)),
                ("running_at", models.DateTimeField(null=True)),
                ("finalizing_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "script_seconds",
                    models.FloatField(help_text="How long the script ran, by the target's clock", null=True),
                ),
                ("lease_token", models.UUIDField(null=True)),
                ("lease_expires_at", models.DateTimeField(null=True)),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(default=0, help_text="How often the present deed was taken up"),
                ),
                ("nudged_at", models.DateTimeField(null=True)),
                ("last_contact_at", models.DateTimeField(null=True)),
                ("unreachable_since", models.DateTimeField(null=True)),
                ("is_supervised", models.BooleanField(default=True)),
                ("log_bytes", models.PositiveBigIntegerField(default=0)),
                ("system_log_bytes", models.PositiveBigIntegerField(default=0)),
                ("metrics_bytes", models.PositiveBigIntegerField(default=0)),
                (
                    "log_is_linked",
                    models.BooleanField(default=False, help_text="The server's log is the very file on the target"),
                ),
                ("log_is_complete", models.BooleanField(default=False)),
                ("interpreter", models.CharField(blank=True, max_length=500)),
                ("interpreter_version", models.CharField(blank=True, max_length=200)),
                ("packages", models.JSONField(default=dict)),
                ("outputs_note", models.TextField(blank=True, help_text="What could not be collected, in words")),
                ("is_cleaned_up", models.BooleanField(default=False, help_text="Nothing of it is left on the target")),
                ("is_archived", models.BooleanField(default=False)),
                (
                    "cancel_requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="runs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="runs",
                        to="computes.targetgrant",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="children", to="runs.run"
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="projects.project"
                    ),
                ),
                (
                    "snapshot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="projects.snapshot"
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="computes.computetarget"
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="Output",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(max_length=1000)),
                ("size_bytes", models.PositiveBigIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("skipped", models.CharField(blank=True, max_length=300)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="outputs", to="runs.run"
                    ),
                ),
            ],
            options={
                "ordering": ["path"],
            },
        ),
        migrations.CreateModel(
            name="MetricPoint",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=250)),
                ("step", models.BigIntegerField()),
                ("time", models.FloatField(help_text="Seconds since 1970 by the target's clock")),
                ("value", models.FloatField(null=True)),
                ("text", models.TextField(blank=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="metric_points", to="runs.run"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="LatestMetric",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=250)),
                ("step", models.BigIntegerField()),
                ("time", models.FloatField()),
                ("value", models.FloatField(null=True)),
                ("text", models.TextField(blank=True)),
                ("lowest", models.FloatField(null=True)),
                ("highest", models.FloatField(null=True)),
                ("points", models.PositiveBigIntegerField(default=0)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="latest_metrics", to="runs.run"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="RunEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("kind", models.CharField(max_length=10)),
                ("from_state", models.CharField(blank=True, max_length=12)),
                ("to_state", models.CharField(blank=True, max_length=12)),
                ("text", models.TextField(blank=True)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="events", to="runs.run"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="SecretVariable",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("sealed_value", models.TextField()),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="secret_variables", to="runs.run"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ShareLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("shows_log", models.BooleanField(default=False)),
                ("shows_outputs", models.BooleanField(default=False)),
                ("uses", models.PositiveIntegerField(default=0)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="share_links", to="runs.run"
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=50)),
                (
                    "run",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="tags", to="runs.run"),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["state", "target"], name="runs_by_state_and_target"),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["project", "-created_at"], name="runs_by_project"),
        ),
        migrations.AddIndex(
            model_name="run",
            index=models.Index(fields=["-created_at"], name="runs_newest_first"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(fields=("project", "number"), name="one_number_per_run"),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                fields=("created_by", "idempotency_key"), name="one_run_per_idempotency_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="output",
            constraint=models.UniqueConstraint(fields=("run", "path"), name="one_output_per_path"),
        ),
        migrations.AddIndex(
            model_name="metricpoint",
            index=models.Index(fields=["run", "name", "step"], name="points_by_run_and_name"),
        ),
        migrations.AddIndex(
            model_name="latestmetric",
            index=models.Index(fields=["name", "value", "run"], name="latest_by_name_and_value"),
        ),
        migrations.AddConstraint(
            model_name="latestmetric",
            constraint=models.UniqueConstraint(fields=("run", "name"), name="one_latest_value_per_name"),
        ),
        migrations.AddConstraint(
            model_name="secretvariable",
            constraint=models.UniqueConstraint(fields=("run", "name"), name="one_secret_per_name"),
        ),
        migrations.AddIndex(
            model_name="tag",
            index=models.Index(fields=["name"], name="tags_by_name"),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(fields=("run", "name"), name="one_tag_per_name"),
        ),
    ]

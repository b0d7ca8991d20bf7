"""One execution of a script: what was asked for, how far it is, and how it ended."""

import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from computes.contract import ApplicationFacts
from computes.models import TargetEnvironment
from projects.models import Project
from runs.status import ACTIVE, HOLDS_SLOT, ON_TARGET, REASONS, TERMINAL, FailureReason, Reason, State

LEFTOVER_DAYS = 14
LONGEST_REASON = 1000  # characters of a reason to wait


class RunQuerySet(models.QuerySet["Run"]):
    """Questions about runs."""

    def visible_to(self, user: User | AnonymousUser) -> "RunQuerySet":
        """Return the runs of the projects that a person may look at."""
        return self.filter(project__in=Project.objects.visible_to(user))

    def active(self) -> "RunQuerySet":
        """Return the runs that have not ended."""
        return self.filter(state__in=ACTIVE)

    def on_target(self) -> "RunQuerySet":
        """Return the runs that have something on their target to look after."""
        return self.filter(state__in=ON_TARGET)

    def to_clean_up(self) -> "RunQuerySet":
        """Return the ended runs whose run folder on the target may go: those of which the server has the whole log and
        the outputs, and the others after LEFTOVER_DAYS. Nobody comes to a target that was detached."""
        whole = Q(log_is_complete=True, outputs_note="")
        old = Q(finished_at__lt=timezone.now() - timedelta(days=LEFTOVER_DAYS))
        return self.filter(whole | old, state__in=TERMINAL, is_cleaned_up=False, target__detached_at=None)

    def waiting_for_builds(self) -> "RunQuerySet":
        """Return the runs that wait for their environment, and that nobody works on."""
        waiting = self.filter(state=State.PREPARING, environment__isnull=False, environment_hash="")
        return waiting.filter(lease_token=None, cancel_requested_at=None)

    def before_their_start(self, lease_token: uuid.UUID | None = None) -> "RunQuerySet":
        """Return the runs that have waited for an environment or an image and were not launched since, so that nothing
        of theirs was started. Nobody works on them, also nobody who has fallen silent, but the holder of the lease."""
        waiting = self.filter(state=State.PREPARING, environment__isnull=False, environment_hash="")
        may_have_started = Q(environment__is_image=True, environment__state=TargetEnvironment.State.READY)
        return waiting.filter(lease_token=lease_token).exclude(may_have_started)

    def holding_slots(self) -> "RunQuerySet":
        """Return the runs that fill a slot of their target."""
        return self.filter(Q(state__in=HOLDS_SLOT) | Q(state=State.QUEUED, admitted_at__isnull=False))


class Run(models.Model):
    """One execution. `configuration` is the frozen run configuration (see `runs.run_configuration`).

    The state is written by `runs.transitions.move` only.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="runs")
    number = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="runs")
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="children")
    idempotency_key = models.CharField(max_length=100, null=True)  # noqa: DJ001 (NULLs are distinct, "" is not)

    snapshot = models.ForeignKey("projects.Snapshot", on_delete=models.PROTECT, related_name="runs")
    target = models.ForeignKey("computes.ComputeTarget", on_delete=models.PROTECT, related_name="runs")
    grant = models.ForeignKey("computes.TargetGrant", null=True, on_delete=models.SET_NULL, related_name="runs")
    script = models.CharField(max_length=500)
    configuration = models.JSONField()
    description = models.CharField(max_length=500, blank=True)
    time_limit_seconds = models.PositiveIntegerField(null=True)

    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in State], default=State.QUEUED)
    reason = models.CharField(max_length=30, blank=True)
    reason_detail = models.TextField(blank=True, help_text="What exactly went wrong, in words of this run")
    failure_excerpt = models.TextField(blank=True, help_text="The last traceback of the log, or its last lines")
    wait_reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    exit_code = models.IntegerField(null=True)
    exit_signal = models.PositiveSmallIntegerField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    cancel_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    cancel_receipt = models.JSONField(default=list, help_text="What the stop did: [step, seconds since the start]")

    queued_at = models.DateTimeField(default=timezone.now)
    admitted_at = models.DateTimeField(null=True, help_text="When a slot of the target was reserved for it")
    preparing_at = models.DateTimeField(null=True)
    running_at = models.DateTimeField(null=True)
    finalizing_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    script_seconds = models.FloatField(null=True, help_text="How long the script ran, by the target's clock")

    lease_token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often the present deed was taken up")
    nudged_at = models.DateTimeField(null=True)
    last_contact_at = models.DateTimeField(null=True)
    unreachable_since = models.DateTimeField(null=True)
    is_supervised = models.BooleanField(default=True)

    application = models.JSONField(default=dict, help_text="What a cluster says of it: ApplicationFacts, or nothing")
    application_version = models.PositiveIntegerField(default=0, help_text="How often that has changed")

    log_bytes = models.PositiveBigIntegerField(default=0)
    system_log_bytes = models.PositiveBigIntegerField(default=0)
    metrics_bytes = models.PositiveBigIntegerField(default=0)
    log_is_linked = models.BooleanField(default=False, help_text="The server's log is the very file on the target")
    log_is_complete = models.BooleanField(default=False)
    environment = models.ForeignKey(
        "computes.TargetEnvironment", null=True, on_delete=models.SET_NULL, related_name="runs"
    )
    environment_hash = models.CharField(max_length=64, blank=True, help_text="The lock of what it was executed with")
    interpreter = models.CharField(max_length=500, blank=True)
    interpreter_version = models.CharField(max_length=200, blank=True)
    packages = models.JSONField(default=dict)
    outputs_note = models.TextField(blank=True, help_text="What could not be collected, in words")
    is_cleaned_up = models.BooleanField(default=False, help_text="Nothing of it is left on the target")
    is_archived = models.BooleanField(default=False)

    objects: Any = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="one_number_per_run"),
            models.UniqueConstraint(fields=["created_by", "idempotency_key"], name="one_run_per_idempotency_key"),
        ]
        indexes = [
            models.Index(fields=["state", "target"], name="runs_by_state_and_target"),
            models.Index(fields=["project", "-created_at"], name="runs_by_project"),
            models.Index(fields=["-created_at"], name="runs_newest_first"),
            models.Index(fields=["project", "is_archived", "-number"], name="runs_listed"),
            models.Index(fields=["project", "state", "-number"], name="runs_listed_by_state"),
            models.Index(fields=["project", "script_seconds"], name="runs_by_duration"),
            models.Index(fields=["created_by", "-created_at"], name="runs_by_person"),
        ]

    def __str__(self) -> str:
        return f"run {self.number}"

    def get_absolute_url(self) -> str:
        """Return the address of the run's page, which is its link for every member."""
        return reverse("run", args=[self.project.slug, self.number])

    @property
    def folder(self) -> Path:
        """Return the server's folder for this run: log, system log, metrics, outputs."""
        return Path(settings.RUN_DIR) / self.id.hex[:2] / self.id.hex

    @property
    def is_finished(self) -> bool:
        """Return whether the run has ended."""
        return self.state in TERMINAL

    @property
    def can_be_cancelled(self) -> bool:
        """Return whether a cancel can still change anything."""
        return self.state in ACTIVE and self.cancel_requested_at is None and self.state != State.FINALIZING

    @property
    def failure(self) -> Reason | None:
        """Return the title, sentence, fault and remedy of the failure, or None."""
        return REASONS[FailureReason(self.reason)] if self.reason else None

    @property
    def application_facts(self) -> ApplicationFacts | None:
        """Return what a cluster says of the run's application, None where there is none."""
        return ApplicationFacts(**self.application) if self.application else None

    @property
    def waits_on_cluster(self) -> bool:
        """Return whether the run was submitted to a cluster that has no resources for it yet."""
        return self.state == State.RUNNING and bool(self.application.get("is_waiting"))

    @property
    def shown_state(self) -> str:
        """Return the state as lists show it: what waits on a cluster is not running."""
        return str(State.QUEUED if self.waits_on_cluster else self.state)

    @property
    def arguments(self) -> list[str]:
        """Return the arguments that the script is started with."""
        return list(self.configuration["arguments"])

    @property
    def duration(self) -> timedelta | None:
        """Return how long the run has been on its target, until now or until its end; None while it waits."""
        if self.preparing_at is None:
            return None
        end: datetime = self.finished_at or timezone.now()
        return max(end - self.preparing_at, timedelta(0))

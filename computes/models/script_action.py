"""A script action: a reviewed shell script that an administrator has run on the nodes of a cluster."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone


class ScriptActionQuerySet(models.QuerySet["ScriptAction"]):
    """Questions about script actions."""

    def unsettled(self) -> "ScriptActionQuerySet":
        """Return the actions for which something is still to be done on a node."""
        return self.filter(settled_at=None)

    def to_nudge(self, pace: timedelta, patience: timedelta) -> "ScriptActionQuerySet":
        """Return the unsettled actions that nobody works on and that were looked at, or asked for, long enough ago."""
        now = timezone.now()
        free = Q(lease_token=None) | Q(lease_expires_at__lt=now)
        answered = Q(looked_at__gte=models.F("nudged_at"), looked_at__lt=now - pace)
        unheard = Q(nudged_at=None) | Q(nudged_at__lt=now - patience)
        return self.unsettled().filter(free).filter(answered | unheard)


class ScriptAction(models.Model):
    """Who had which text run, where, and within which limits. What came of it is on its nodes.

    `computes.action_work` alone writes what is between the request and the end; a lease says who does. The script runs
    on each node under our supervisor, so it needs neither the server nor a task worker while it runs.
    """

    target = models.ForeignKey("computes.ComputeTarget", on_delete=models.CASCADE, related_name="script_actions")
    name = models.CharField(max_length=100)
    script = models.TextField()
    sha256 = models.CharField(max_length=64, help_text="Of the script in UTF-8")
    key = models.CharField(max_length=100, null=True)  # noqa: DJ001 (NULLs are distinct, "" is not)
    node_seconds = models.PositiveIntegerField(help_text="The longest that the script may take on one node")
    total_seconds = models.PositiveIntegerField(help_text="The longest that all of it may take")
    at_once = models.PositiveSmallIntegerField(help_text="On how many nodes the script may run at the same time")

    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    stop_requested_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    finished_at = models.DateTimeField(null=True, help_text="When every node had its outcome")
    settled_at = models.DateTimeField(null=True, help_text="When nothing was left to do on any node")

    lease_token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    nudged_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)

    objects: Any = ScriptActionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["target", "key"], name="one_script_action_per_key")]
        indexes = [models.Index(fields=["settled_at"], name="script_actions_to_settle")]

    def __str__(self) -> str:
        return f"script action {self.pk} on {self.target}"

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return reverse("script_action", args=[self.target.name, self.pk])

    @property
    def deadline_at(self) -> datetime:
        """Return when all of it must be over."""
        return self.requested_at + timedelta(seconds=self.total_seconds)

    @property
    def is_going_on(self) -> bool:
        """Return whether news may still come."""
        return self.finished_at is None

    @property
    def may_be_stopped(self) -> bool:
        """Return whether somebody may still ask for its end."""
        return self.finished_at is None and self.stop_requested_at is None

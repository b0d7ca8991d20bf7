"""An execution environment on one target: what was asked for, how far it is, and what is installed."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q
from django.urls import reverse

from projects.models import Project


class TargetEnvironmentQuerySet(models.QuerySet["TargetEnvironment"]):
    """Questions about environments."""

    def visible_to(self, user: User | AnonymousUser) -> "TargetEnvironmentQuerySet":
        """Return the environments that a person may know of: all for administrators, otherwise those that a project
        of his uses or has used."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        environments = self.filter(is_image=False)
        if user.is_superuser:
            return environments
        theirs = Project.objects.visible_to(user).values("pk")
        return environments.filter(pk__in=TargetEnvironment.objects.filter(projects__in=theirs).values("pk"))

    def on_attached_targets(self) -> "TargetEnvironmentQuerySet":
        """Leave out the environments of targets that were detached; the targets come with the others."""
        return self.filter(target__detached_at=None).select_related("target")

    def of_key(self, key: str) -> "TargetEnvironmentQuerySet":
        """Return the environments whose lock has a hash, or that were asked for under a digest."""
        return self.filter(Q(lock=key) | Q(digest=key))

    def going_on(self) -> "TargetEnvironmentQuerySet":
        """Return the environments that are being built or removed, or wait for that."""
        return self.filter(state__in=GOING_ON)

    def there(self) -> "TargetEnvironmentQuerySet":
        """Return the environments whose prefix is on their target by what we know."""
        return self.filter(state__in=THERE)

    def is_any_built(self) -> bool:
        """Return whether an environment is being built on any target. While one is, no prefix counts as unknown: its
        scratch prefix has a name that no row has, and some targets share an engine or a work folder."""
        return self.filter(state=TargetEnvironment.State.BUILDING).exists()


class TargetEnvironment(models.Model):
    """One thing asked for on one target. `digest` is made of what was asked for, of where packages come from and of
    the target's base image; once it is built, `lock` names exactly what was installed.

    While it is built a lease is held by the attempt whose builder shows signs of life. While its target does not answer
    `error` says so, and an end of the lease without a token is when it is tried again. States are written by
    `computes.preparing_environments` and `computes.environment_builds` only.
    """

    class State(models.TextChoices):
        """How far it is. Only READY may be used."""

        MISSING = "missing", "Not built"
        BUILDING = "building", "Being built"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        REMOVING = "removing", "Being removed"

    target = models.ForeignKey("computes.ComputeTarget", on_delete=models.CASCADE, related_name="environments")
    digest = models.CharField(max_length=64)
    request = models.CharField(
        max_length=64, blank=True, help_text="The same on every target that packages are asked for on in the same words"
    )
    is_image = models.BooleanField(default=False, help_text="Only an image is pulled; its packages are the user's")
    asked = models.JSONField(help_text="What was asked for; no logins")
    from_lock = models.ForeignKey(
        "computes.EnvironmentLock", null=True, on_delete=models.PROTECT, related_name="+", help_text="Built from it"
    )
    sealed_credentials = models.TextField(blank=True, editable=False)
    projects = models.ManyToManyField("projects.Project", related_name="environments")

    state = models.CharField(max_length=10, choices=State.choices, default=State.MISSING)
    lock = models.ForeignKey(
        "computes.EnvironmentLock", null=True, on_delete=models.PROTECT, related_name="environments"
    )
    packages = models.JSONField(default=dict, help_text="What is installed: name and version")
    size_bytes = models.BigIntegerField(null=True)
    seconds = models.JSONField(default=dict, help_text="How long each step of the last build took")
    error = models.TextField(blank=True)
    remedy = models.TextField(blank=True)
    failure = models.CharField(
        max_length=20, blank=True, help_text="disk_full where there was no space left; empty for every other failure"
    )

    lease_token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    nudged_at = models.DateTimeField(null=True)
    progress = models.CharField(max_length=200, blank=True, help_text="The last line of the build's log")
    is_wanted = models.BooleanField(default=False, help_text="Somebody asked for it ahead of any run")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_for = models.CharField(max_length=200, blank=True, help_text="What the last build was made for")
    asked_at = models.DateTimeField(null=True, help_text="When the last build was asked for")
    started_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    canceled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    finished_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    objects: Any = TargetEnvironmentQuerySet.as_manager()

    class Meta:
        ordering = ["-last_used_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["target", "digest"], name="one_environment_per_target_and_ask")]
        indexes = [
            models.Index(fields=["state"], name="environments_by_state"),
            models.Index(fields=["request"], name="environments_by_request"),
        ]

    def __str__(self) -> str:
        return f"environment {self.key[:12]}"

    def get_absolute_url(self) -> str:
        """Return the address of the page about it, on this and other targets."""
        return reverse("environment", args=[self.key])

    @property
    def key(self) -> str:
        """Return what names it: the hash of its lock, and before it has one, the digest of what was asked for."""
        return self.lock_id or self.digest

    @property
    def removes_an_orphan(self) -> bool:
        """Return whether it stands for the removal of a prefix that no row knew."""
        return self.state == TargetEnvironment.State.REMOVING and self.lock_id is None

    @property
    def is_going_on(self) -> bool:
        """Return whether news may still come."""
        return self.state in GOING_ON

    @property
    def is_disk_full(self) -> bool:
        """Return whether the last build failed for want of space on the target."""
        return self.failure == "disk_full"


GOING_ON = (TargetEnvironment.State.BUILDING, TargetEnvironment.State.REMOVING)
THERE = (TargetEnvironment.State.READY, TargetEnvironment.State.REMOVING)

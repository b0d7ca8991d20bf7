"""A compute target: one place where scripts can run."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from computes.contract import Network
from computes.models.cluster_fields import ClusterFields
from computes.spark_master import has_executors

if TYPE_CHECKING:
    from projects.models import Project

NAME_RULE = RegexValidator(
    r"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,59}\Z",
    "A target's name is 1 to 60 letters, digits, dots, dashes or underscores, and starts with a letter or digit.",
)


class ComputeTargetQuerySet(models.QuerySet["ComputeTarget"]):
    """Questions about targets."""

    def visible_to(self, user: User | AnonymousUser) -> "ComputeTargetQuerySet":
        """Return the targets that a person may see: all for administrators, otherwise those granted to him, to a
        group of his or to a project he is a member of."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        granted = (
            Q(grants__user=user)
            | Q(grants__group__in=user.groups.all())
            | Q(grants__project__memberships__user=user)
            | Q(grants__everyone=True)
        )
        return self.filter(pk__in=ComputeTarget.objects.filter(granted).values("pk"))

    def administered_by(self, user: User | AnonymousUser) -> "ComputeTargetQuerySet":
        """Return the targets that a person may change and grant: all for administrators, none for others."""
        return self if user.is_active and user.is_superuser else self.none()

    def switched_on(self) -> "ComputeTargetQuerySet":
        """Return the targets that are on. In team mode one that runs code of others as the server's account counts
        only when an administrator said that it may."""
        enabled = self.filter(is_enabled=True)
        if settings.MODE == "team":
            builds_here = Q(kind=ComputeTarget.Kind.LIVY, user_managed_environment=False)
            enabled = enabled.exclude(Q(kind=ComputeTarget.Kind.LOCAL) | builds_here, trusted_at=None)
        return enabled

    def usable_by(self, user: User | AnonymousUser, project: "Project") -> "ComputeTargetQuerySet":
        """Return the enabled targets that a person may run a project's code on."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self.switched_on()
        granted = (
            Q(grants__user=user)
            | Q(grants__group__in=user.groups.all())
            | Q(grants__project=project)
            | Q(grants__everyone=True)
        )
        return self.switched_on().filter(pk__in=ComputeTarget.objects.filter(granted).values("pk"))

    def held(self, target_id: int) -> bool:
        """Return whether a target is among these, and let nobody detach it until the surrounding transaction ends."""
        return bool(self.select_for_update(no_key=True).filter(pk=target_id).values_list("pk", flat=True))


class AttachedTargets(models.Manager.from_queryset(ComputeTargetQuerySet)):  # type: ignore[misc]
    """The targets that are attached. Those that were detached are found by what was recorded on them alone."""

    def get_queryset(self) -> ComputeTargetQuerySet:
        """Leave out what was detached."""
        return super().get_queryset().filter(detached_at=None)  # type: ignore[no-any-return]


class ComputeTarget(ClusterFields, models.Model):
    """One place where scripts run. The row is the truth; a project's `.compute` file may only name it.

    Addresses, users and the work folder are frozen while runs are on. Folders are on the target. A row that was
    detached is kept for the runs that name it (`computes.detaching`); its name is free for another.
    """

    class Kind(models.TextChoices):
        """The types of a `.compute` file."""

        LOCAL = "local", "This machine"
        LOCAL_DOCKER = "localdocker", "Docker on this machine"
        REMOTE = "remote", "Remote machine over SSH"
        REMOTE_DOCKER = "remotedocker", "Docker on a remote machine"
        CLUSTER = "cluster", "Spark cluster over SSH"
        LIVY = "livy", "Spark cluster through Livy"

    class Credential(models.TextChoices):
        """What we log in with over SSH."""

        NONE = "", "None yet"
        KEY_PAIR = "key_pair", "A key pair that amlweb made"
        PRIVATE_KEY = "private_key", "A private key that was given"
        PASSWORD = "password", "A password that is kept"

    name = models.CharField(max_length=60, validators=[NAME_RULE])
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.LOCAL)
    description = models.CharField(max_length=300, blank=True)
    is_enabled = models.BooleanField(default=True)
    trusted_at = models.DateTimeField(null=True, blank=True, editable=False)
    trusted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    is_draining = models.BooleanField(default=False, help_text="Finish what runs, start nothing new")
    drain_reason = models.CharField(max_length=300, blank=True)
    slots = models.PositiveSmallIntegerField(default=2, validators=[MinValueValidator(1), MaxValueValidator(1000)])
    longest_run_seconds = models.PositiveIntegerField(null=True, blank=True)
    work_folder = models.CharField(max_length=500, blank=True)
    python_location = models.CharField(max_length=500, default="python3")
    native_shared_directory = models.CharField(max_length=500, blank=True)
    spark_submit_location = models.CharField(max_length=500, blank=True)
    environment_variables = models.JSONField(default=dict, blank=True)
    user_managed_environment = models.BooleanField(
        default=True, help_text="Run with the Python that is there and install nothing"
    )

    address = models.CharField(max_length=253, blank=True)
    port = models.PositiveIntegerField(default=22, validators=[MinValueValidator(1), MaxValueValidator(65_535)])
    username = models.CharField(max_length=100, blank=True)
    host_keys = models.JSONField(default=list, blank=True, help_text="Approved keys, each as type and base64")
    seen_host_keys = models.JSONField(default=list, blank=True, help_text="What the host showed last, to be approved")
    credential = models.CharField(max_length=20, blank=True, choices=Credential.choices, default=Credential.NONE)
    public_key = models.TextField(blank=True, help_text="The line for authorized_keys on the target")
    sealed_private_key = models.TextField(blank=True, editable=False)
    sealed_password = models.TextField(blank=True, editable=False)
    sealed_install_password = models.TextField(
        blank=True, editable=False, help_text="Used once to install the public key, then removed"
    )
    keep_alive_seconds = models.PositiveSmallIntegerField(default=15)
    jump_hosts = models.JSONField(
        default=list,
        blank=True,
        help_text="Hosts on the way: host, port, username, host_keys and seen_host_keys of each",
    )

    base_docker_image = models.CharField(max_length=300, blank=True)
    shared_volumes = models.BooleanField(default=True)
    gpus = models.CharField(max_length=100, blank=True)
    cpus = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0.01), MaxValueValidator(10_000)])
    memory_bytes = models.BigIntegerField(null=True, blank=True)
    shm_bytes = models.BigIntegerField(null=True, blank=True)
    most_processes = models.PositiveIntegerField(null=True, blank=True)
    network = models.CharField(
        max_length=10, default=Network.DEFAULT.value, choices=[(each.value, each.value) for each in Network]
    )
    container_user = models.CharField(max_length=30, blank=True, help_text="uid:gid; empty for the run folder's owner")
    docker_socket = models.CharField(max_length=300, default="/var/run/docker.sock")
    registry_username = models.CharField(max_length=200, blank=True)
    sealed_registry_password = models.TextField(blank=True, editable=False)

    channel_alias = models.CharField(max_length=500, blank=True, help_text="These six override the installation's")
    channel_map = models.JSONField(default=dict, blank=True, help_text="Channels that a name stands for")
    pip_index = models.CharField(max_length=500, blank=True)
    pip_extra_indexes = models.JSONField(default=list, blank=True)
    ca_bundle = models.TextField(blank=True, help_text="Certificates in PEM")
    proxy = models.CharField(max_length=500, blank=True)
    sealed_package_logins = models.TextField(
        blank=True, editable=False, help_text="Logins of these addresses: they are never part of them"
    )

    lost_after_seconds = models.PositiveIntegerField(
        default=86_400, help_text="After this long without contact a run is called lost"
    )
    last_contact_at = models.DateTimeField(null=True, blank=True, editable=False)
    contact_problem = models.CharField(max_length=500, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    detached_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: Any = AttachedTargets()
    with_detached: Any = ComputeTargetQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(detached_at=None), name="one_attached_target_per_name")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the target's page."""
        return reverse("compute", args=[self.name])

    @property
    def is_detached(self) -> bool:
        """Return whether only what was recorded on it is left."""
        return self.detached_at is not None

    @property
    def needs_trust(self) -> bool:
        """Return whether somebody still has to say that the code of others may run as the server's account."""
        runs_here = self.kind == self.Kind.LOCAL or self.builds_here
        return settings.MODE == "team" and runs_here and self.trusted_at is None

    @property
    def builds_here(self) -> bool:
        """Return whether its environments are built on this server, for a cluster that only takes them packed. What
        people ask for is then executed by the server's own account: set-up programs of packages, and their Python."""
        return self.kind == self.Kind.LIVY and not self.user_managed_environment

    @property
    def is_on(self) -> bool:
        """Return whether runs may be sent here at all."""
        return self.is_enabled and not self.needs_trust

    @property
    def is_over_ssh(self) -> bool:
        """Return whether the target is reached over SSH: it has an address, a credential and host keys."""
        return self.kind in (self.Kind.REMOTE, self.Kind.REMOTE_DOCKER, self.Kind.CLUSTER)

    @property
    def is_in_containers(self) -> bool:
        """Return whether runs there get containers of their own."""
        return self.kind in (self.Kind.LOCAL_DOCKER, self.Kind.REMOTE_DOCKER)

    @property
    def is_cluster(self) -> bool:
        """Return whether the target is a Spark cluster, which runs PySpark only and has no shared folder."""
        return self.kind in (self.Kind.CLUSTER, self.Kind.LIVY)

    @property
    def has_executors(self) -> bool:
        """Return whether an application there gets executors of its own."""
        return self.kind == self.Kind.LIVY or (self.kind == self.Kind.CLUSTER and has_executors(self.spark_master))

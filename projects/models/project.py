"""A project: a folder of Python code whose runs belong together."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import Q
from django.urls import reverse

from projects.models.membership import Role, roles_at_least


class ProjectQuerySet(models.QuerySet["Project"]):
    """Questions about projects."""

    def visible_to(self, user: User | AnonymousUser) -> "ProjectQuerySet":
        """Return the projects that a person may look at: all for administrators, otherwise where he is a member."""
        return self.with_role(user, Role.VIEWER)

    def with_role(self, user: User | AnonymousUser, role: Role | str) -> "ProjectQuerySet":
        """Return the projects in which a person has at least a role."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(Q(pk__in=user.memberships.filter(role__in=roles_at_least(str(role))).values("project_id")))


class Project(models.Model):
    """A folder of code, known by its slug; its current snapshot is what the next run is made of."""

    class Source(models.TextChoices):
        """Where the code came from."""

        UPLOAD = "upload", "uploaded archive"
        FOLDER = "folder", "folder on the server"
        GIT = "git", "git repository"
        TEMPLATE = "template", "template"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=500, blank=True)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.UPLOAD)
    source_location = models.CharField(
        max_length=1000, blank=True, help_text="Folder, git address without password, or name of the template"
    )
    source_reference = models.CharField(max_length=200, blank=True, help_text="Branch, tag or commit")
    current_snapshot = models.ForeignKey(
        "projects.Snapshot", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    runs_submitted = models.PositiveIntegerField(default=0, help_text="Number of the newest run")

    objects: Any = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the project's page."""
        return reverse("project", args=[self.slug])

"""Who may use a target, with how much of it."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, Group, User
from django.db import models
from django.db.models import Q


class TargetGrantQuerySet(models.QuerySet["TargetGrant"]):
    """Questions about grants."""

    def visible_to(self, user: User | AnonymousUser) -> "TargetGrantQuerySet":
        """Return the grants that a person may know of: all for administrators, otherwise the ones he has himself, by
        a group or by a project he is a member of."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(
            Q(user=user)
            | Q(group__in=user.groups.all())
            | Q(project__in=user.memberships.values("project_id"))
            | Q(everyone=True)
        )


class TargetGrant(models.Model):
    """The right to use a target, for one person, one group, one project or everyone with an account.

    To use a target means to run any code there as its account. `slots` bounds how many runs under this grant may be
    on at once; `longest_run_seconds` caps their time limit.
    """

    target = models.ForeignKey("computes.ComputeTarget", on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE)
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.CASCADE)
    project = models.ForeignKey("projects.Project", null=True, blank=True, on_delete=models.CASCADE)
    everyone = models.BooleanField(default=False)
    slots = models.PositiveSmallIntegerField(null=True, blank=True)
    longest_run_seconds = models.PositiveIntegerField(null=True, blank=True)
    granted_at = models.DateTimeField(auto_now_add=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects: Any = TargetGrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="grant_names_exactly_one",
                condition=Q(user__isnull=False, group=None, project=None, everyone=False)
                | Q(user=None, group__isnull=False, project=None, everyone=False)
                | Q(user=None, group=None, project__isnull=False, everyone=False)
                | Q(user=None, group=None, project=None, everyone=True),
                violation_error_message="Name exactly one: a person, a group, a project, or everyone.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.holder} may use {self.target}"

    @property
    def holder(self) -> str:
        """Return in words who holds the grant."""
        if self.everyone:
            return "everyone"
        kind = "project" if self.project else "group" if self.group else "person"
        return f"{kind} {self.project or self.group or self.user}"

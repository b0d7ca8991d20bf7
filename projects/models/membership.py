"""Who belongs to a project, and as what."""

from django.conf import settings
from django.db import models


class Role(models.TextChoices):
    """What a member may do, each including the ones before: look, run, own."""

    VIEWER = "viewer", "Viewer"
    RUNNER = "runner", "Runner"
    OWNER = "owner", "Owner"


ROLE_MEANINGS = {
    Role.VIEWER: "sees the project and its runs",
    Role.RUNNER: "also submits, cancels and repeats runs, and changes the code",
    Role.OWNER: "also adds members and shares runs by link",
}


def roles_at_least(role: str) -> list[str]:
    """Return a role and all roles above it."""
    ladder = list(Role.values)
    return ladder[ladder.index(role) :]


class Membership(models.Model):
    """One person's role in one project."""

    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.RUNNER)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="one_role_per_member")]
        ordering = ["user__username"]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.project}"

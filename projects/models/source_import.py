"""An import of code from a git repository, which takes longer than a page may."""

from django.conf import settings
from django.db import models


class SourceImport(models.Model):
    """One import: what was asked for, how it goes, and what came of it.

    `location` never holds a password; a password given with the address is kept sealed in `sealed_credential` until
    the import ends.
    """

    class State(models.TextChoices):
        """How the import goes."""

        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="imports")
    location = models.CharField(max_length=1000)
    reference = models.CharField(max_length=200, blank=True)
    sealed_credential = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    text = models.TextField(blank=True, help_text="What happened, for the user")
    remedy = models.TextField(blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    snapshot = models.ForeignKey("projects.Snapshot", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"import of {self.location}: {self.state}"

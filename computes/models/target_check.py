"""One check of a target: a list of findings that grows while it goes on."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

PATIENCE = timedelta(seconds=60)  # a task that takes longer is ended by the task queue


class TargetCheck(models.Model):
    """A check: who asked, when, and the items found so far (name, ok, detail, remedy, milliseconds)."""

    target = models.ForeignKey("computes.ComputeTarget", on_delete=models.CASCADE, related_name="checks")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    items = models.JSONField(default=list)
    problem = models.CharField(max_length=500, blank=True, help_text="Why the check itself could not be made")

    class Meta:
        ordering = ["-requested_at"]

    def __str__(self) -> str:
        return f"check {self.pk} of {self.target}"

    @property
    def is_stalled(self) -> bool:
        """Return whether the check will never end: nobody took it up, or its worker died, a minute ago."""
        sign_of_life = self.started_at or self.requested_at
        return self.finished_at is None and timezone.now() - sign_of_life > PATIENCE

    @property
    def is_going_on(self) -> bool:
        """Return whether findings may still come."""
        return self.finished_at is None and not self.is_stalled

    @property
    def is_good(self) -> bool:
        """Return whether the check ended and found nothing wrong."""
        return self.finished_at is not None and not self.problem and all(item["ok"] for item in self.items)

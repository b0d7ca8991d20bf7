"""What every deed has in common that somebody asked for and a task worker carries out."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

PATIENCE = timedelta(seconds=60)  # a task that takes longer is ended by the task queue


class AskedDeed(models.Model):
    """Who asked, when it was begun and when it ended."""

    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=500, blank=True, help_text="Why the deed itself could not be done")

    class Meta:
        abstract = True
        ordering = ["-requested_at"]

    @property
    def is_stalled(self) -> bool:
        """Return whether the deed will never end: nobody took it up, or its worker died, a minute ago."""
        sign_of_life = self.started_at or self.requested_at
        return self.finished_at is None and timezone.now() - sign_of_life > PATIENCE

    @property
    def is_going_on(self) -> bool:
        """Return whether news may still come."""
        return self.finished_at is None and not self.is_stalled

"""What happened to a run, one row for each change; rows are only ever added."""

from django.conf import settings
from django.db import models


class RunEvent(models.Model):
    """One recorded change: who, what, from where to where, and why. `kind` is "state", "cancel", "contact", "log",
    "share", "note"."""

    run = models.ForeignKey("runs.Run", on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=10)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.from_state}→{self.to_state} {self.text}".strip()

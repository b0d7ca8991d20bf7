"""Signs of life of our own processes, for `/readyz` and the watchdog."""

from django.db import models


class Heartbeat(models.Model):
    """When a process last did its work: "controller", or "workers" (the answered canary task)."""

    name = models.CharField(max_length=20, primary_key=True)
    beat_at = models.DateTimeField()
    owner = models.UUIDField(null=True, help_text="Which process holds the post, where there is only one")

    def __str__(self) -> str:
        return f"{self.name} at {self.beat_at}"

"""When contact with a target was lost and found again."""

from django.db import models
from django.utils import timezone


class TargetContact(models.Model):
    """One change: from here on the target answered, or did not and why. No row is written while nothing changes."""

    target = models.ForeignKey("computes.ComputeTarget", on_delete=models.CASCADE, related_name="contacts")
    at = models.DateTimeField(default=timezone.now)
    is_reachable = models.BooleanField()
    text = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.target} {'answers' if self.is_reachable else 'is silent'} since {self.at:%Y-%m-%d %H:%M}"

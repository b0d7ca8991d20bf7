"""One check of a target: a list of findings that grows while it goes on."""

from django.db import models

from computes.models.asked_deed import AskedDeed


class TargetCheck(AskedDeed):
    """A check: who asked, when, and the items found so far (name, ok, detail, remedy, milliseconds)."""

    target = models.ForeignKey("computes.ComputeTarget", on_delete=models.CASCADE, related_name="checks")
    items = models.JSONField(default=list)

    class Meta(AskedDeed.Meta):
        pass

    def __str__(self) -> str:
        return f"check {self.pk} of {self.target}"

    @property
    def is_good(self) -> bool:
        """Return whether the check ended and found nothing wrong."""
        return self.finished_at is not None and not self.problem and all(item["ok"] for item in self.items)

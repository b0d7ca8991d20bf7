"""An errand: one thing that a task worker does at a target's host for an administrator."""

from django.db import models

from computes.models.asked_deed import AskedDeed


class TargetErrand(AskedDeed):
    """What was asked for and what came of it. No secret is ever part of it: what it needs is sealed on the target."""

    class Kind(models.TextChoices):
        """The web process opens no connection to a target, so these are done by the task workers."""

        SCAN = "scan", "Scan of the host keys"
        INSTALL = "install", "Installation of the public key"
        SCAN_NODES = "scan_nodes", "Scan of the nodes' host keys"
        CLEAN = "clean", "Removal of what is left of ours"

    target = models.ForeignKey("computes.ComputeTarget", on_delete=models.CASCADE, related_name="errands")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    wanted = models.JSONField(default=dict, help_text="What exactly is asked for, where the kind does not say all")
    result = models.CharField(max_length=500, blank=True, help_text="What was done, in words")

    class Meta(AskedDeed.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.target}"

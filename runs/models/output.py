"""The files that a script left in `outputs/`."""

from django.db import models


class Output(models.Model):
    """One file of `outputs/`, copied to the run's folder on the server, or the reason why it was not."""

    run = models.ForeignKey("runs.Run", on_delete=models.CASCADE, related_name="outputs")
    path = models.CharField(max_length=1000)
    size_bytes = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    skipped = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["path"]
        constraints = [models.UniqueConstraint(fields=["run", "path"], name="one_output_per_path")]

    def __str__(self) -> str:
        return self.path

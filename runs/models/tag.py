"""Words that people put on runs to find them again."""

from django.db import models


class Tag(models.Model):
    """One word on one run."""

    run = models.ForeignKey("runs.Run", on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=50)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="one_tag_per_name")]
        indexes = [models.Index(fields=["name"], name="tags_by_name")]

    def __str__(self) -> str:
        return self.name

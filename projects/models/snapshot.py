"""A snapshot: the frozen code of a project at one moment."""

from django.db import models


class Snapshot(models.Model):
    """The frozen code, named by the digest of its manifest; the manifest and the files are in the blob store.

    `git_commit` and `git_dirty` are extra facts, never the source.
    """

    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="snapshots")
    digest = models.CharField(max_length=64)
    files = models.PositiveIntegerField()
    size_bytes = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    git_commit = models.CharField(max_length=64, blank=True)
    git_dirty = models.BooleanField(default=False)
    notes = models.JSONField(default=list, blank=True, help_text="What was left out of the folder, and why")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "digest"], name="one_snapshot_per_digest")]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.digest[:12]

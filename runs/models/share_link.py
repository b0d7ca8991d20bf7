"""A link that shows one run to people without an account."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    """Questions about share links."""

    def valid(self) -> "ShareLinkQuerySet":
        """Return the links that still work."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())


class ShareLink(models.Model):
    """Read-only access to one run until a date. The token is stored as its sha256 and shown once."""

    run = models.ForeignKey("runs.Run", on_delete=models.CASCADE, related_name="share_links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    shows_log = models.BooleanField(default=False)
    shows_outputs = models.BooleanField(default=False)
    uses = models.PositiveIntegerField(default=0)

    objects: Any = ShareLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"link to {self.run}"

    @property
    def is_open(self) -> bool:
        """Return whether the link was neither revoked nor has expired; its maker's rights are not asked here."""
        return self.revoked_at is None and self.expires_at > timezone.now()

    @property
    def shown_in_words(self) -> str:
        """Return what the holder of the link sees."""
        parts = ["state", "metrics", *(["log"] if self.shows_log else []), *(["outputs"] if self.shows_outputs else [])]
        return ", ".join(parts[:-1]) + " and " + parts[-1]

"""Locks, kept by their hash for ever: what a run needs to be repeated with the very same packages."""

import json
from typing import Any

from django.db import models


class EnvironmentLock(models.Model):
    """One lock: exact packages with address and checksum. It holds no login and is never changed or removed."""

    hash = models.CharField(primary_key=True, max_length=64)
    text = models.TextField(help_text="The lock as the engine wrote it: JSON")
    pixi_text = models.TextField(blank=True, help_text="The same as a pixi.lock, once somebody has asked for it")
    kept_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-kept_at"]

    def __str__(self) -> str:
        return self.hash[:12]

    @property
    def packages(self) -> list[dict[str, Any]]:
        """Return the locked packages, conda's before pip's, each by name."""
        found: list[dict[str, Any]] = json.loads(self.text)["packages"]
        return sorted(found, key=lambda package: (package["kind"], package["name"].lower()))

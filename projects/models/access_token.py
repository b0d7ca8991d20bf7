"""Personal tokens: what a program shows instead of a password."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils import timezone

PREFIX = "amlweb_"


def hash_of(token: str) -> str:
    """Return what is stored of a token: its sha256. The token has 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    """Questions about tokens."""

    def valid(self) -> "AccessTokenQuerySet":
        """Return the tokens that still open the door."""
        now = timezone.now()
        return self.filter(revoked_at=None, user__is_active=True).filter(Q(expires_at=None) | Q(expires_at__gt=now))


class AccessToken(models.Model):
    """A token of one person, stored hashed and shown once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    ending = models.CharField(max_length=4, help_text="The last four characters, to tell tokens apart")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: Any = AccessTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} (…{self.ending})"


def create_token(user: User, name: str, expires_at: datetime | None = None) -> tuple[AccessToken, str]:
    """Make a token and return its row and its text. The text cannot be had again."""
    token = PREFIX + secrets.token_urlsafe(32)
    row = AccessToken.objects.create(
        user=user, name=name, token_hash=hash_of(token), ending=token[-4:], expires_at=expires_at
    )
    return row, token


def owner_of(token: str) -> User | None:
    """Return the person whose valid token this is, and note the use (at most once a minute)."""
    row = AccessToken.objects.valid().filter(token_hash=hash_of(token)).select_related("user").first()
    if row is None:
        return None
    now = timezone.now()
    if row.last_used_at is None or (now - row.last_used_at).total_seconds() > 60:
        AccessToken.objects.filter(pk=row.pk).update(last_used_at=now)
    return row.user

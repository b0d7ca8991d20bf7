"""Share links: one run, read-only, for people without an account, until a date."""

import re
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from projects.models import Project, Role
from projects.models.access_token import hash_of
from runs.events import record
from runs.models import Run, ShareLink

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 random bits
DAYS = (1, 7, 14, 30, 90, 365)
USUAL_DAYS = 14


def possible_days() -> list[int]:
    """Return for how many days a link may be made, shortest first."""
    longest: int = settings.SHARE_LINK_LONGEST_DAYS
    return sorted({min(days, longest) for days in DAYS})


def may_share(user: User, run: Run) -> bool:
    """Return whether a person may share a run by link: the project's owners and administrators."""
    return bool(Project.objects.with_role(user, Role.OWNER).filter(pk=run.project_id).exists())


def create_link(run: Run, user: User, *, days: int, shows_log: bool, shows_outputs: bool) -> tuple[ShareLink, str]:
    """Make a link and return its row and its address, which cannot be had again.

    The caller has asked `may_share`. Raises ValueError for a number of days that is not offered.
    """
    if days not in possible_days():
        raise ValueError(f"A link cannot be made for {days} days.")
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        link: ShareLink = ShareLink.objects.create(
            run=run,
            token_hash=hash_of(token),
            created_by=user,
            expires_at=timezone.now() + timedelta(days=days),
            shows_log=shows_log,
            shows_outputs=shows_outputs,
        )
        record(run, "share", f"link {link.pk} made: {link.shown_in_words}, for {days} days", actor=user)
    return link, settings.URL + reverse("share", args=[token])


def revoke_link(link: ShareLink, user: User) -> bool:
    """End a link at once. False when it was revoked before."""
    with transaction.atomic():
        revoked = ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())
        if revoked:
            record(link.run, "share", f"link {link.pk} revoked", actor=user)
    return bool(revoked)


def run_shown_by(token: str) -> ShareLink | None:
    """Return the link that a token opens, its run loaded, or None.

    A link works until it expires or is revoked, and only while the person who made it may still share the run: not
    after he left the project, lost the owner's role, or was deactivated.
    """
    if TOKEN.fullmatch(token) is None:
        return None
    links = ShareLink.objects.valid().select_related("run__project", "run__target", "created_by")
    link: ShareLink | None = links.filter(token_hash=hash_of(token)).first()
    if link is None or link.created_by is None or not may_share(link.created_by, link.run):
        return None
    return link


def note_use(link: ShareLink) -> None:
    """Count that somebody opened the page of a link."""
    ShareLink.objects.filter(pk=link.pk).update(uses=F("uses") + 1)

"""Archiving: runs that nobody needs to see any longer leave the lists; nothing of them is deleted."""

from django.contrib.auth.models import User
from django.db import transaction

from runs.events import record
from runs.models import Run


def archive_run(run: Run, user: User) -> bool:
    """Take a run out of the lists. False when it has not ended, or was taken out before."""
    return run.is_finished and _set_archived(run, user, archived=True)


def unarchive_run(run: Run, user: User) -> bool:
    """Bring a run back into the lists. False when it is in them."""
    return _set_archived(run, user, archived=False)


def _set_archived(run: Run, user: User, *, archived: bool) -> bool:
    with transaction.atomic():
        changed = Run.objects.filter(pk=run.pk, is_archived=not archived).update(is_archived=archived)
        if changed:
            record(run, "note", "archived" if archived else "brought back into the lists", actor=user)
    run.refresh_from_db(fields=["is_archived"])
    return bool(changed)

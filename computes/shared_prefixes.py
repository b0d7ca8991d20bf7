"""Which builds and removals may come to one prefix: hashes name prefixes, and some targets share an engine or a work
folder."""

import logging

from django.db.models import Q

from computes.models import TargetEnvironment

log = logging.getLogger(__name__)


def may_share_a_prefix(row: TargetEnvironment) -> Q:
    """Return which rows may come to the prefix of this one: those of its target, and of the same packages anywhere."""
    same = Q(target=row.target_id)
    if row.request:
        same |= Q(request=row.request)
    for lock in {row.from_lock_id, row.lock_id} - {None}:
        same |= Q(from_lock=lock) | Q(lock=lock)
    return same


def is_still_orphan(row: TargetEnvironment) -> bool:
    """Return whether a prefix that nobody knew may go now. While anything is built its removal waits; where something
    knows the prefix by now, on whatever target, it is given up."""
    if TargetEnvironment.objects.there().filter(lock=row.digest).exists():
        log.info("The prefix %s is known by now, so it is not removed", row.digest)
        TargetEnvironment.objects.filter(pk=row.pk, state=row.state).delete()
        return False
    return not TargetEnvironment.objects.is_any_built()

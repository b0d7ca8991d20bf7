"""Asking for the removal of an environment from a target."""

from functools import partial

from django.db import transaction
from django.utils import timezone

from computes.build_folder import begin_log
from computes.models import ComputeTarget, TargetEnvironment
from computes.tasks import nudge_build

State = TargetEnvironment.State


def request_removal(target: ComputeTarget, hash: str) -> int | None:
    """Take an environment of a target away from those who might ask for it, and have its prefix removed. Returns the
    row that does it, None when there is nothing to remove.

    Call it in a transaction that has made sure that nobody uses it. Rows that share the prefix go with it.
    """
    with transaction.atomic():
        rows = TargetEnvironment.objects.select_for_update().filter(target=target, lock=hash, state=State.READY)
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
        if not ids:
            return None
        now = timezone.now()
        TargetEnvironment.objects.filter(pk__in=ids).update(
            state=State.REMOVING, attempts=0, lease_token=None, lease_expires_at=None, asked_at=now, nudged_at=now
        )
        begin_log(ids[0])
        transaction.on_commit(partial(nudge_build, ids[0]))
    return ids[0]


def request_orphan_removal(target: ComputeTarget, hash: str) -> int | None:
    """Have a prefix removed that no row knows: one that a database which was restored has forgotten, or what a build
    left. Returns the row that does it, which is gone when that has happened; None when there is something that knows
    the prefix by now.

    It takes the same turn as builds do, and is judged again when its turn has come.
    """
    with transaction.atomic():
        known = TargetEnvironment.objects.there().filter(lock=hash)
        if TargetEnvironment.objects.is_any_built() or known.exists():
            return None
        now = timezone.now()
        row, _ = TargetEnvironment.objects.update_or_create(
            target=target,
            digest=hash,
            defaults={
                "asked": {"channels": [], "conda": [], "pip": [], "source": "", "lines": {}, "wheels": {}},
                "state": State.REMOVING,
                "attempts": 0,
                "lease_token": None,
                "lease_expires_at": None,
                "asked_at": now,
                "nudged_at": now,
            },
        )
        begin_log(row.pk)
        transaction.on_commit(partial(nudge_build, row.pk))
    return row.pk

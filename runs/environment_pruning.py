"""Removing environments that nobody uses from a target: only ours, and never one that an active run needs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Max

from computes.models import ComputeTarget, TargetEnvironment
from computes.removing_environments import request_removal
from runs.models import Run

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Prunable:
    """An environment that could go: its lock's hash, its size where it is known, and when it was used last."""

    hash: str
    size_bytes: int | None
    last_used_at: datetime | None
    environment: TargetEnvironment


def prunable_on(target: ComputeTarget) -> list[Prunable]:
    """Return what could be removed from a target, least recently used first."""
    ready = TargetEnvironment.objects.filter(target=target, state=TargetEnvironment.State.READY)
    free = ready.exclude(lock__in=hashes_in_use()).select_related("target").defer("packages")
    newest = dict(ready.order_by().values_list("lock").annotate(Max("last_used_at")))
    found = {
        row.key: Prunable(row.key, row.size_bytes, newest[row.lock_id], row)
        for row in free.exclude(lock=None).order_by("-pk")
    }
    return sorted(found.values(), key=lambda each: (each.last_used_at or NEVER, each.hash))


def hashes_in_use() -> set[str]:
    """Return the locks of the environments that active runs use or are about to use, on whatever target: some share a
    work folder or an engine, and so the prefix."""
    active = Run.objects.active().exclude(environment_hash="")
    return set(active.values_list("environment_hash", flat=True))


def prune(target: ComputeTarget, hashes: Iterable[str]) -> list[str]:
    """Have some environments of a target removed; returns those that will be. What has come into use is spared."""
    removed = []
    for hash in hashes:
        with transaction.atomic():
            rows = TargetEnvironment.objects.select_for_update().filter(lock=hash).order_by("pk")
            is_there = target.pk in list(rows.values_list("target_id", flat=True))
            if is_there and hash not in hashes_in_use() and request_removal(target, hash) is not None:
                removed.append(hash)
    return removed

"""Deeds for which a task has no time, such as bringing home many gigabytes: they go on in a process of their own.

It takes the lease as a task does, so nothing is done twice, and it outlives the task worker.
"""

import signal
import time
from collections.abc import Callable
from uuid import UUID

from django.utils import timezone

from projects.own_session import start_command
from runs.leases import LEASE_SECONDS
from runs.lifecycle.finish import finish
from runs.lifecycle.launch import launch
from runs.models import Run
from runs.status import State

LONGEST_SECONDS = 4 * 3600
LOOK_AGAIN_SECONDS = 0.05
DEEDS: dict[str, tuple[State, Callable[[UUID], None]]] = {
    "launch": (State.PREPARING, launch),
    "finish": (State.FINALIZING, finish),
}


def go_on_beside(deed: str, run_id: UUID) -> None:
    """Start `manage.py longdeed DEED RUN`. Starting it twice is harmless: the lease lets one do it."""
    Run.objects.filter(pk=run_id).update(nudged_at=timezone.now())
    start_command("long_deeds.log", "longdeed", deed, run_id.hex)


def carry_out(deed: str, run_id: UUID) -> None:
    """Do a deed once the lease of the task that had no time for it has run out. The system ends what takes hours."""
    state, do = DEEDS[deed]
    signal.alarm(LONGEST_SECONDS)
    try:
        deadline = time.monotonic() + 2 * LEASE_SECONDS
        held = Run.objects.filter(pk=run_id, state=state, lease_token__isnull=False)
        while held.filter(lease_expires_at__gt=timezone.now()).exists() and time.monotonic() < deadline:
            time.sleep(LOOK_AGAIN_SECONDS)
        do(run_id)
    finally:
        signal.alarm(0)

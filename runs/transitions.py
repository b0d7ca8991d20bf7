"""The one place that writes a run's state."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from runs.models import Run, RunEvent
from runs.status import TERMINAL, State, states_before
from runs.wake import CONTROLLER, send_hint

NO_NEWS = {State.PREPARING, State.COMPLETED}  # these neither free a slot nor need a watcher


def move(
    run: Run,
    to: State,
    *,
    before: State | None = None,
    text: str = "",
    actor: User | None = None,
    lease: UUID | None = None,
    changes: Mapping[str, Any] | None = None,
) -> bool:
    """Move a run to a state and record it, or return False because somebody was faster.

    One UPDATE filtered on the state that was read (and on the lease, where a process acts for the run), and the event
    in the same transaction. With `before` only from that state, where what is done rests on it. The leases and counters
    of the finished deed are cleared. `changes` are further columns. On True the given object holds the new values.
    """
    now = timezone.now()
    values = {
        "state": to,
        f"{to}_at" if to not in TERMINAL else "finished_at": now,
        "lease_token": None,
        "lease_expires_at": None,
        "attempts": 0,
        "nudged_at": None,
        "wait_reason": "",
        **(changes or {}),
    }
    with transaction.atomic():
        rows = Run.objects.filter(pk=run.pk, state__in=states_before(to))
        if lease is not None:
            rows = rows.filter(lease_token=lease)
        found = rows.values_list("state", flat=True).first()
        if found is None or before not in (None, found) or not rows.filter(state=found).update(**values):
            return False
        RunEvent.objects.create(run_id=run.pk, kind="state", from_state=found, to_state=to, text=text, actor=actor)
        if to not in NO_NEWS:
            transaction.on_commit(lambda: send_hint(CONTROLLER))
    for name, value in values.items():
        setattr(run, name, value)
    return True

"""Who is doing the deed: a lease on a run, taken by compare-and-set and renewed while the work goes on."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import Error, connection
from django.db.models import F, Q
from django.utils import timezone

from runs.models import Run
from runs.status import State

LEASE_SECONDS = 15
RENEWAL_SECONDS = 4

log = logging.getLogger(__name__)


def claim(run_id: UUID, state: State) -> tuple[Run, UUID] | None:
    """Take the lease of a run that is in a state and that nobody works on; None when there is nothing to do.

    One UPDATE decides between several who try. The claim counts as one more attempt at the deed.
    """
    token = uuid4()
    now = timezone.now()
    free = Q(lease_token=None) | Q(lease_expires_at__lt=now)
    claimed = Run.objects.filter(free, pk=run_id, state=state).update(
        lease_token=token, lease_expires_at=now + timedelta(seconds=LEASE_SECONDS), attempts=F("attempts") + 1
    )
    if not claimed:
        return None
    run: Run = Run.objects.select_related("project", "snapshot", "target", "created_by").get(pk=run_id)
    return run, token


def release(run: Run, token: UUID) -> None:
    """Give a lease back before its time, so that the deed can be taken up again at once."""
    Run.objects.filter(pk=run.pk, lease_token=token).update(lease_token=None, lease_expires_at=None)


@contextmanager
def kept(run: Run, token: UUID) -> Iterator[None]:
    """Renew a lease in the background while the body runs. A lease that was lost is not taken back: the writes of the
    body are bound to the token and come to nothing."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(RENEWAL_SECONDS):
            try:
                until = timezone.now() + timedelta(seconds=LEASE_SECONDS)
                Run.objects.filter(pk=run.pk, lease_token=token).update(lease_expires_at=until)
            except Error as error:
                log.warning("The lease of run %s could not be renewed: %s", run.pk, error)
            finally:
                connection.close()

    thread = threading.Thread(target=renew, name=f"lease of {run.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(RENEWAL_SECONDS)

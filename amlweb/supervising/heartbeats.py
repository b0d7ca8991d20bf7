"""How long ago our processes last showed that they work."""

from django.db import DatabaseError, connection
from django.utils import timezone

from runs.models import Heartbeat

CONTROLLER = "controller"
FRESH_SECONDS = 60.0


def seconds_since(name: str) -> float | None:
    """Return the age of a heartbeat in seconds, or None when there never was one."""
    beat_at = Heartbeat.objects.filter(name=name).values_list("beat_at", flat=True).first()
    return None if beat_at is None else (timezone.now() - beat_at).total_seconds()


def silence_of(name: str) -> float | None:
    """Return how long a process has been silent, or None when that cannot be judged.

    The workers' heartbeat is a task that the controller sends, so it says nothing while the controller is silent; and
    nothing can be said while the database does not answer.
    """
    try:
        if name != CONTROLLER:
            controller = seconds_since(CONTROLLER)
            if controller is None or controller > FRESH_SECONDS:
                return None
        return seconds_since(name)
    except DatabaseError:
        return None
    finally:
        connection.close()

"""What watchdogs and load balancers ask: does the web process live, and can a run be made right now?"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from runs.models import Heartbeat

logger = logging.getLogger(__name__)
LONGEST_SILENCE = {"controller": timedelta(seconds=15), "workers": timedelta(seconds=90)}


@dataclass(frozen=True, slots=True)
class PartHealth:
    """Whether one part of the installation works, and how that is known."""

    is_alive: bool
    detail: str


def health_of_parts() -> dict[str, PartHealth]:
    """Return the health of the database, the run controller and the task workers."""
    try:
        beats: dict[str, datetime] = dict(Heartbeat.objects.values_list("name", "beat_at"))
    except DatabaseError:
        logger.exception("the database does not answer")
        unknown = PartHealth(False, "unknown, because the database does not answer")
        return {"database": PartHealth(False, "does not answer"), **dict.fromkeys(LONGEST_SILENCE, unknown)}
    parts = {"database": PartHealth(True, "answers")}
    return parts | {name: health_by_heartbeat(beats.get(name), longest) for name, longest in LONGEST_SILENCE.items()}


def health_by_heartbeat(beat_at: datetime | None, longest: timedelta) -> PartHealth:
    """Judge a process by its last sign of life."""
    if beat_at is None:
        return PartHealth(False, "never gave a sign of life")
    silence = timezone.now() - beat_at
    return PartHealth(silence <= longest, f"last sign of life {max(silence.total_seconds(), 0):.0f} s ago")


@csrf_exempt  # so that a wrong method is told as one; nothing is changed here
@require_safe
@never_cache
def show_health(request: HttpRequest) -> HttpResponse:
    """Answer 200: the web process lives."""
    return JsonResponse({"status": "ok"})


@csrf_exempt
@require_safe
@never_cache
def show_readiness(request: HttpRequest) -> HttpResponse:
    """Answer 200 when database, controller and workers are alive, else 503; the parts are named."""
    parts = health_of_parts()
    is_ready = all(part.is_alive for part in parts.values())
    body = {name: {"ok": part.is_alive, "detail": part.detail} for name, part in parts.items()}
    return JsonResponse({"ready": is_ready, "parts": body}, status=200 if is_ready else 503)

"""How far a pull is, in lines for a log: each layer's steps once, and now and then the bytes that have come."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from computes.environments.stopping import ShouldStop, ask

PACE_SECONDS = 5.0
MEBIBYTE = 1024**2


def tell(stream: Iterable[Mapping[str, Any]], log: Callable[[str], None], should_stop: ShouldStop) -> str:
    """Tell the steps of a pull, and return the error that it ends with, or nothing. Raises PreparationStopped."""
    told, failure = set(), ""
    layers: dict[str, tuple[int, int]] = {}
    due = time.monotonic() + PACE_SECONDS
    for step in stream:
        ask(should_stop)
        failure = str(step.get("error", failure))
        status = str(step.get("status", ""))
        if status == "Downloading":
            part = step.get("progressDetail") or {}
            layers[str(step.get("id", ""))] = (int(part.get("current", 0)), int(part.get("total", 0)))
        line = f"{step.get('id', '')}: {status}".removeprefix(": ")
        if status and line not in told:
            told.add(line)
            log(line)
        if layers and time.monotonic() >= due:
            due = time.monotonic() + PACE_SECONDS
            log(words_for(layers))
    return failure


def words_for(layers: Mapping[str, tuple[int, int]]) -> str:
    """Return how much has come of the layers that are known so far."""
    come, whole = (sum(pair[place] for pair in layers.values()) / MEBIBYTE for place in (0, 1))
    return f"Downloaded {come:,.0f} of {whole:,.0f} MiB so far"

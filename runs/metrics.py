"""Metrics: from the lines that a script wrote on its target to rows, each line exactly once.

A line is a JSON object: `name`, and `value` (number, or "NaN", "Infinity", "-Infinity"), `values` (a list of them) or
`text`; `step` (whole number, counted where it is missing) and `time` (seconds since 1970).
"""

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import transaction

from computes.contract import Executor, RunAddress, Stream
from runs.events import record
from runs.masking import Masker
from runs.models import LatestMetric, MetricPoint, Run

CHUNK_BYTES = 1024 * 1024  # what is read at a time, and the longest line
BATCH_BYTES = 256 * 1024  # what is stored at a time, so that others may write in between
MOST_BYTES = 512 * 1024 * 1024
MOST_POINTS = 1_000_000
MOST_NAMES = 1_000
LONGEST_NAME = 250
LONGEST_TEXT = 10_000
LARGEST_STEP = 2**63 - 1
NOT_NUMBERS = {"NaN", "Infinity", "-Infinity"}


@dataclass(frozen=True, slots=True)
class LoggedValue:
    """One value of one line. `value` is None for text and for what is no finite number."""

    name: str
    step: int | None
    time: float
    value: float | None
    text: str


def clean(text: str) -> str:
    """Return a text that any database keeps: no NUL, no half characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def logged_values(line: bytes, mask: Callable[[str], str] = clean) -> Iterator[LoggedValue]:
    """Yield the values of a line, names and texts masked; nothing for a line that is not one of ours."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
        return
    name = clean(mask(entry["name"]))[:LONGEST_NAME]
    step = entry.get("step")
    step = step if isinstance(step, int) and not isinstance(step, bool) and abs(step) <= LARGEST_STEP else None
    moment = entry.get("time")
    moment = float(moment) if isinstance(moment, int | float) and abs(moment) < 1e15 else time.time()
    values = entry["values"] if isinstance(entry.get("values"), list) else [entry.get("value", entry.get("text"))]
    for value in values:
        if isinstance(value, bool | int | float):
            number = as_float(value)
            finite = math.isfinite(number)
            yield LoggedValue(name, step, moment, number if finite else None, "" if finite else word_for(number))
        elif isinstance(value, str):
            yield LoggedValue(name, step, moment, None, clean(mask(value))[:LONGEST_TEXT])
        if step is not None and len(values) > 1:
            step = min(step + 1, LARGEST_STEP)


def as_float(value: float) -> float:
    """Return a number as a float; a whole number beyond its range counts as infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def word_for(number: float) -> str:
    """Return JavaScript's word for what is no finite number."""
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def ingest(
    run: Run, executor: Executor, address: RunAddress, available: int, masker: Masker, *, is_final: bool = False
) -> bool:
    """Store the metrics between what is stored already and `available`; at most one batch. True when there may be more.

    A last line without its end waits for the rest, unless `is_final` says that nothing follows. The offset moves in
    the same transaction as the rows, by compare-and-set: nobody's line is stored twice. What lies beyond MOST_BYTES and
    MOST_POINTS is left out, and the run's history says so.
    """
    offset = run.metrics_bytes
    if min(available, MOST_BYTES) <= offset:
        return False
    data = executor.read(address, Stream.METRICS, offset, CHUNK_BYTES)
    end = end_of_batch(data)
    if not end and is_final and offset + len(data) >= available:
        end = len(data)
    if not end:
        return False
    values = [value for line in data[:end].splitlines() for value in logged_values(line, masker.mask_text)]
    with transaction.atomic():
        moved = Run.objects.filter(pk=run.pk, metrics_bytes=offset).update(metrics_bytes=offset + end)
        if not moved:
            run.refresh_from_db(fields=["metrics_bytes"])
            return False
        left_out = store(run, values) if values else False
        if left_out or offset < MOST_BYTES <= offset + end:
            end = max(end, MOST_BYTES - offset)
            Run.objects.filter(pk=run.pk).update(metrics_bytes=offset + end)
            note_limit(run)
    run.metrics_bytes = offset + end
    return run.metrics_bytes < min(available, MOST_BYTES)


def end_of_batch(data: bytes) -> int:
    """Return how many bytes of a chunk to take: whole lines, or all of a line that is too long; 0 to wait for more."""
    end = data.rfind(b"\n", 0, BATCH_BYTES) + 1 or data.find(b"\n") + 1
    return end or (len(data) if len(data) >= CHUNK_BYTES else 0)


def note_limit(run: Run) -> None:
    """Say once in the run's history that not every metric is kept."""
    text = f"Only the first {MOST_POINTS:,} metric values of a run are kept; later ones are left out."
    if not run.events.filter(kind="note", text=text).exists():
        record(run, "note", text)


def store(run: Run, values: list[LoggedValue]) -> bool:
    """Add points and bring the newest values up to date. True when some were left out, because there are too many."""
    latest = {row.name: row for row in LatestMetric.objects.filter(run=run)}
    room = max(MOST_POINTS - sum(row.points for row in latest.values()), 0)
    touched: dict[str, LatestMetric] = {}
    points = []
    for value in values[:room]:
        row = latest.get(value.name)
        if row is None:
            if len(latest) >= MOST_NAMES:
                continue
            row = latest[value.name] = LatestMetric(run=run, name=value.name)
        touched[value.name] = row
        row.step = row.points if value.step is None else value.step
        row.time, row.value, row.text = value.time, value.value, value.text
        row.points += 1
        if value.value is not None:
            row.lowest = value.value if row.lowest is None else min(row.lowest, value.value)
            row.highest = value.value if row.highest is None else max(row.highest, value.value)
        points.append(MetricPoint(run=run, name=row.name, step=row.step, time=row.time, value=row.value, text=row.text))
    MetricPoint.objects.bulk_create(points, batch_size=500)
    LatestMetric.objects.bulk_create(
        touched.values(),
        update_conflicts=True,
        unique_fields=["run", "name"],
        update_fields=["step", "time", "value", "text", "lowest", "highest", "points"],
    )
    return len(values) > room

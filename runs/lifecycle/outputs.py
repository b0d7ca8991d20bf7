"""Bringing home what a script left in `outputs/`: collected aside, kept by whoever ends the run."""

import errno
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from computes.contract import Collected, Executor, RunAddress
from computes.errors import TargetError
from runs.models import Output, Run

LONGEST_PATH = 1000


def folder_aside(run: Run, token: UUID) -> Path:
    """Return the folder that one holder of the lease collects into."""
    return run.folder / f"outputs.{token.hex}"


def collect(run: Run, token: UUID, executor: Executor, address: RunAddress) -> list[Collected]:
    """Collect into a folder that belongs to this holder of the lease alone, so that nobody sees half of it.

    Raises TargetError and OSError.
    """
    aside, place = folder_aside(run, token), run.folder / "outputs"
    if place.exists() and not place.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "something else is in the place of the folder", str(place))
    aside.mkdir(mode=0o700, parents=True)
    return executor.collect(address, aside)


def keep_outputs(run: Run, token: UUID, collected: list[Collected]) -> None:
    """Put what was collected into its place and note it; repeating it replaces folder and rows.

    To be called in the transaction that has found the lease to be ours and that ends the run.
    """
    run.outputs.all().delete()
    Output.objects.bulk_create(
        (
            Output(run=run, path=path, size_bytes=item.size, sha256=item.sha256, skipped=item.skipped[:300])
            for path, item in with_distinct_paths(collected)
        ),
        batch_size=500,
    )
    place = run.folder / "outputs"
    if place.exists():
        shutil.rmtree(place)
    folder_aside(run, token).rename(place)


def with_distinct_paths(collected: list[Collected]) -> Iterator[tuple[str, Collected]]:
    """Yield each item with a path of its own: what was skipped is shown escaped and cut, so that two may look alike."""
    taken = {item.path for item in collected if not item.skipped}
    alike = Counter[str]()
    for item in collected:
        path = item.path
        while item.skipped and path in taken:
            alike[item.path] += 1
            path = f"{item.path[: LONGEST_PATH - 10]} ({alike[item.path] + 1})"
        taken.add(path)
        yield path, item


def remove_asides(run: Run, token: UUID | None) -> None:
    """Remove what one holder of the lease had collected, or what all of them had when the run has ended."""
    for aside in run.folder.glob("outputs.*") if token is None else [folder_aside(run, token)]:
        shutil.rmtree(aside, ignore_errors=True)


def outputs_problem(error: TargetError | OSError) -> str:
    """Return in words why the outputs are not here."""
    if isinstance(error, TargetError):
        return error.in_full
    return f"The server could not store them ({error.strerror}). Free some space in its data folder and run it again."

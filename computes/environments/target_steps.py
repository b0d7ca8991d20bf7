"""Programs that run at the place during a build, with what they need beside them in the prefix.

`.amlweb-build` in a prefix holds all that is only needed for its build; it is gone before the prefix is complete.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import computes.environments.on_target as on_target
from computes.environments.contract import LogLine, Place
from computes.environments.full_disk import full_target, said_of_full_disk
from computes.environments.stopping import ShouldStop, ask
from computes.errors import PreparationFailed, TargetUnreachable

BUILD_FOLDER = ".amlweb-build"
SHOWN_LINES = 60
TICK = "\0"
TARGET_PROGRAMS = ("watch.py", "finish.py", "reach.py")

ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "PYTHONNOUSERSITE": "1",
    "SOURCE_DATE_EPOCH": "1767225600",
}


@dataclass(frozen=True, slots=True)
class StepResult:
    """How a program ended, and the last lines that it printed, without secrets."""

    code: int
    lines: tuple[str, ...]


def build_path(place: Place, hash: str, name: str) -> str:
    """Return the path at the place of something that is needed for the build."""
    return f"{place.prefix_of(hash)}/{BUILD_FOLDER}/{name}"


def put_programs(place: Place, hash: str) -> None:
    """Put our programs into a prefix that was begun."""
    folder = Path(on_target.__file__).parent
    place.put(hash, {f"{BUILD_FOLDER}/{name}": (folder / name).read_bytes() for name in TARGET_PROGRAMS})


def run_step(
    place: Place,
    hash: str,
    argv: Sequence[str],
    environment: Mapping[str, str],
    log: LogLine,
    mask: Callable[[str], str],
    should_stop: ShouldStop,
    deadline_seconds: float,
) -> StepResult:
    """Run a program with the prefix's own Python to its end. Raises PreparationStopped within about a second, and
    PreparationFailed when its time was up: it would take as long once more. Raises TargetDiskFull where it failed for
    want of space.

    `argv` follows the interpreter. The program is watched there, so that it ends when nobody listens any more.
    """
    python = f"{place.prefix_of(hash)}/bin/python"
    last: list[str] = []

    def on_line(line: str) -> None:
        ask(should_stop)
        if line.strip() == TICK or not line.strip():
            return
        shown = mask(line.rstrip())
        last.append(shown)
        del last[:-SHOWN_LINES]
        log(shown)

    watched = [python, "-s", "-S", "-B", build_path(place, hash, "watch.py"), python, *argv]
    began = time.monotonic()
    try:
        done = place.run(hash, watched, {**ENVIRONMENT, **environment}, on_line, deadline_seconds)
    except TargetUnreachable as error:
        if time.monotonic() - began < deadline_seconds:
            raise
        shown = " ".join(argv[:4])
        raise PreparationFailed(
            f"`python {shown} …` took longer than {deadline_seconds:g} s there, and was ended.",
            "Look at the last lines of the build log; where packages are compiled there, ask for some with wheels.",
        ) from error
    if done.code != 0 and (said := said_of_full_disk(reversed(last))):
        raise full_target(said)
    return StepResult(done.code, tuple(last))

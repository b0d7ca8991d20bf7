"""Packs a prefix of this server into one file, in a process of its own that ends when the work is to stop."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import files
from pathlib import Path

import computes
from computes.environments.solver_process import KEPT_VARIABLES
from computes.environments.stopping import ShouldStop, ask
from computes.errors import PreparationFailed

PACKAGE = "conda-pack"
PROGRAM = "computes.in_run.amlweb_cluster.packing"
LONGEST_SECONDS = 3600.0
LOOK_SECONDS = 0.1
BEGINNING = "pack-"
SHOWN_CHARACTERS = 1000


@contextmanager
def packed(prefix: str, scratch: Path, should_stop: ShouldStop) -> Iterator[Path]:
    """Yield the pack of a prefix, which goes with the block. Raises PreparationFailed and PreparationStopped.

    `scratch` is a folder on a disk that has room for it.
    """
    with tempfile.TemporaryDirectory(dir=scratch, prefix=BEGINNING) as folder:
        pack, said = Path(folder, "environment.tar.gz"), Path(folder, "said")
        code = run_to_end([prefix, str(pack), str(place_of_packer())], said, should_stop)
        if code != 0 or not pack.is_file():
            text = said.read_text(errors="replace").strip()[-SHOWN_CHARACTERS:] or f"It ended with code {code}."
            raise PreparationFailed(
                f"The environment could not be packed for the nodes: {text}",
                "Prepare it again; if that does not help, look at the server's disk and memory.",
            )
        yield pack


def remove_rests(scratch: Path) -> None:
    """Remove what processes that were killed have left in a folder where nothing is packed now."""
    for left in scratch.glob(f"{BEGINNING}*"):
        shutil.rmtree(left, ignore_errors=True)


def run_to_end(arguments: list[str], said: Path, should_stop: ShouldStop) -> int:
    """Return how the packing process ended."""
    environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    environment["PYTHONPATH"] = str(Path(computes.__file__).parent.parent)
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-s", "-m", PROGRAM, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=environment,
        )
    deadline = time.monotonic() + LONGEST_SECONDS
    try:
        while process.poll() is None and time.monotonic() < deadline:
            ask(should_stop)
            time.sleep(LOOK_SECONDS)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        code = process.wait()
    return code


def place_of_packer() -> Path:
    """Return the folder from which this server loads conda-pack."""
    found = next(entry for entry in files(PACKAGE) or [] if entry.parts[0] == PACKAGE.replace("-", "_"))
    return Path(str(found.locate())).parents[len(found.parts) - 1]

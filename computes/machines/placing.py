"""Placing files in a folder, whole or not at all, and what is looked at before."""

import os
import secrets
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from computes.errors import TransferFailed
from computes.machines.contract import BeforeStart, Machine, PlacedFile, PlacedRun
from computes.supervisor.placing import rename_whole


def place_folder(target: Path, files: Iterable[PlacedFile], folders: Sequence[str]) -> bool:
    """Fill a new folder beside the target and rename it; False when the target was there first.

    Copies, never hard links: a program that writes into its code must not reach the snapshot. Raises OSError, and
    TransferFailed for a path that leads out of the folder.
    """
    if target.is_dir():
        return False
    temporary = target.with_name(f".{target.name}-{secrets.token_hex(8)}.tmp")
    temporary.mkdir(mode=0o700)
    try:
        made = {temporary}
        for folder in folders:
            (temporary / checked(folder)).mkdir(parents=True, exist_ok=True)
        for file in files:
            destination = temporary / checked(file.path)
            if destination.parent not in made:
                destination.parent.mkdir(parents=True, exist_ok=True)
                made.add(destination.parent)
            place_file(destination, file)
        return rename_whole(str(temporary), str(target))
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def place_run(machine: Machine, run: PlacedRun) -> None:
    """Place a run step by step. Raises TransferFailed unless another start or a clean-up came first."""
    run_folder = run.run_folder
    try:
        machine.make_folder(run_folder)
        machine.place_folder(f"{run_folder}/code", run.code, run.folders)
        for name, data in run.records.items():
            machine.write(f"{run_folder}/{name}", data)
    except TransferFailed:
        if not was_overtaken(machine, run_folder):
            raise


def was_overtaken(machine: Machine, run_folder: str) -> bool:
    """Return whether another start or a clean-up came first: both remove what a later start is placing."""
    return machine.stat(run_folder) is None or machine.stat(f"{run_folder}/state.json") is not None


def checked(path: str) -> str:
    """Return a relative path of ordinary names. Raises TransferFailed on anything that could lead elsewhere."""
    parts = path.split("/")
    if not path or "\0" in path or any(part in ("", ".", "..") for part in parts):
        raise TransferFailed(
            f"The snapshot holds a path that leads out of the run folder: {path[:200]!r}.",
            "Make a new snapshot of the project; if that does not help, tell the administrator.",
        )
    return path


def place_file(destination: Path, file: PlacedFile) -> None:
    """Write one file; a file that is there twice is an error."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(destination, flags, 0o600)
    with open(descriptor, "wb") as copy:
        if isinstance(file.content, bytes):
            copy.write(file.content)
        else:
            with open(file.content, "rb") as source:
                shutil.copyfileobj(source, copy, 1 << 20)
        os.fchmod(copy.fileno(), file.mode & 0o755)


def before_start_in(found: dict[str, Any]) -> BeforeStart | None:
    """Return what the supervisor's look before a start has found, None where our mark is missing."""
    if not found["marked"]:
        return None
    program = found["program"]
    return BeforeStart(
        status=dict(found["status"]),
        program=None if program is None else str(program),
        has_own=bool(found["has_own"]),
        free_bytes=int(found["free_bytes"]),
    )

"""Knows what programs say when a disk is full."""

from collections.abc import Iterable

from computes.errors import PreparationFailed, TargetDiskFull

FULL_MARKS = ("No space left on device", "Disk quota exceeded")
LONGEST_SAID = 300


def said_of_full_disk(lines: Iterable[str]) -> str:
    """Return the first line that says that a disk is full, its end if it is long; empty when none does."""
    return next((line[-LONGEST_SAID:] for line in lines if any(mark in line for mark in FULL_MARKS)), "")


def full_target(said: str) -> TargetDiskFull:
    """Return the error for a target's disk that is full, with a program's words."""
    return TargetDiskFull(f"No space was left on the target: {said}", "Free disk space there, then run it again.")


def full_server(said: str) -> PreparationFailed:
    """Return the error for the disk of the server's own cache that is full, with a program's words."""
    return PreparationFailed(
        f"No space was left on the server: {said}",
        "Let an administrator free disk space in the server's data folder, then prepare it again.",
    )

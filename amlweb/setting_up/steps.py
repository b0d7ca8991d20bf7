"""A step of the set-up: done only when what it is made from has changed."""

import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

LINES_SHOWN = 30


class SetUpFailed(Exception):
    """A step could not be done; the text says which, why and what to try."""


@dataclass(frozen=True)
class Step:
    """What is made (`title`), from which files, the stamp that remembers their content, and how."""

    title: str
    sources: tuple[Path, ...]
    stamp: Path
    make: Callable[[], None]

    def fingerprint(self) -> str:
        """Return a digest of the sources' content."""
        digest = hashlib.sha256()
        for source in self.sources:
            digest.update(source.read_bytes())
        return digest.hexdigest()

    def is_done(self) -> bool:
        """Return whether the step was done from just these sources."""
        return self.stamp.is_file() and self.stamp.read_text() == self.fingerprint()

    def take(self) -> None:
        """Do the step if it is needed, and say so with the seconds it took."""
        if self.is_done():
            return
        print(f"Installing {self.title} …", flush=True)
        began = time.monotonic()
        self.stamp.unlink(missing_ok=True)
        self.make()
        self.stamp.write_text(self.fingerprint())
        print(f"Installed {self.title} in {time.monotonic() - began:.0f} s", flush=True)


def run_command(argv: list[str | Path], folder: Path) -> None:
    """Run a command quietly. Raises SetUpFailed with the end of its output."""
    try:
        done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    except OSError as problem:
        raise SetUpFailed(f"{argv[0]} cannot be started: {problem}") from problem
    if done.returncode:
        end = "\n".join((done.stdout + done.stderr).splitlines()[-LINES_SHOWN:])
        raise SetUpFailed(
            f"{end}\n\nThis command failed with exit code {done.returncode}: {' '.join(map(str, argv))}\n"
            "Look at its last lines above (network, proxy, free disk?) and start again; what is done stays done."
        )


def is_usable(python: Path) -> bool:
    """Return whether an interpreter is there and starts."""
    return python.exists() and subprocess.run([python, "-c", ""], check=False).returncode == 0


def install_locked(python: Path, lock: Path) -> None:
    """Install a lock file, every package checked against its hash, into a virtual environment made when needed."""
    folder = python.parent.parent
    if not is_usable(python):
        shutil.rmtree(folder, ignore_errors=True)
        base = getattr(sys, "_base_executable", sys.executable)  # also when called from a virtual environment
        run_command([base, "-m", "venv", folder], lock.parent)
    run_command(
        [python, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--require-hashes", "-r", lock],
        lock.parent,
    )

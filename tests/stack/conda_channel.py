"""A small but real conda channel, and an index for pip beside it, made from what this machine has.

Packing takes seconds, so it is done once and kept in the project's .cache, from where each that asks gets its own copy.
`python` is a CPython of this machine, made relocatable; `pip` and a few more are wheels of the package index, which
pip downloads. `folder/conda` is the channel, also called `conda-forge`, `folder/pip` the wheels of the index.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.stack.conda_packages import write_package
from tests.stack.conda_python import pack_python, pythons_here
from tests.stack.conda_wheels import pack_wheel
from tests.stack.small_wheels import make_wheel

KEPT = Path(__file__).resolve().parents[2] / ".cache" / "conda-channel"
PROGRAMS = ("conda_channel.py", "conda_packages.py", "conda_python.py", "conda_wheels.py", "small_wheels.py")
FROM_THE_INDEX = ("pip", "six==1.17.0", "idna")


@dataclass(frozen=True)
class CondaChannel:
    """Where the channel and the wheels are, and which Python it has."""

    folder: Path
    python: str

    @property
    def channel(self) -> Path:
        """The conda channel."""
        return self.folder / "conda"

    @property
    def wheels(self) -> Path:
        """The wheels of the index, in one folder."""
        return self.folder / "pip"


def make_conda_channel(folder: Path, *native: str) -> CondaChannel:
    """Lay out a channel with python, pip, six, idna, two versions of `towel` and `fork`, which needs no Python, and the
    wheels `fish` and `guide`. What is done to it later changes no other.

    `native` are more packages of the package index, those for this machine and that Python (`numpy==2.2.6`).
    """
    version, root = pythons_here()[0]
    kept = KEPT / digest_of(version, str(root), *native)
    kept.parent.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / "complete").exists():
            shutil.rmtree(kept, ignore_errors=True)
            fill(kept / "made", version, root, native)
            (kept / "complete").touch()
    shutil.copytree(kept / "made", folder, symlinks=True)
    return CondaChannel(folder, version)


def digest_of(*words: str) -> str:
    """Return a name for what is made of these words by the programs that are here now."""
    digest = hashlib.sha256("\0".join(words).encode())
    for name in PROGRAMS:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()[:16]


def fill(folder: Path, version: str, root: Path, native: Sequence[str]) -> None:
    """Make a channel in a new folder, with the Python of that version below `root`."""
    channel, wheels, downloads = folder / "conda", folder / "pip", folder / "downloads"
    for each in (channel / "noarch", channel / "linux-64", wheels, downloads):
        each.mkdir(parents=True)
    pack_python(channel, version, root)
    download(downloads, *FROM_THE_INDEX)
    if native:
        download(downloads, "--python-version", ".".join(version.split(".")[:2]), *native)
    for wheel in sorted(downloads.glob("*.whl")):
        pack_wheel(channel, wheel)
    for towel in ("1.0", "2.0"):
        pack_wheel(channel, make_wheel(downloads, "towel", towel, requires=["six"]))
    write_package(channel, downloads / "nothing", {"name": "old-only", "version": "1", "depends": ["towel <2"]})
    write_package(channel, downloads / "nothing", {"name": "fork", "version": "1"})
    make_wheel(wheels, "fish", "1.5")
    make_wheel(wheels, "fish", "2.0")
    make_wheel(wheels, "guide", "4.2", requires=["fish >=1", "six"], script="guide")
    index(channel)
    (folder / "conda-forge").symlink_to(channel.name)
    shutil.rmtree(downloads)


def index(channel: Path) -> None:
    """Index the channel in a process of its own: py-rattler may crash where the interpreter ends."""
    program = (
        "import asyncio, os, sys; from rattler.index import index_fs;"
        "asyncio.run(index_fs(sys.argv[1], force=True)); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", program, str(channel)], check=True)


def download(folder: Path, *words: str) -> None:
    """Download wheels."""
    argv = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", str(folder)]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run([*argv, *words], check=True, env=environment, stderr=subprocess.DEVNULL)

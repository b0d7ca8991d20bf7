"""An environment of 8 conda and 2 pip packages (160 MB): made by us and by hand, with an empty cache and a full one."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from benchmarks.figures import Figure, median
from benchmarks.installation import SCRIPTS
from computes.environments.building import build
from computes.environments.contract import PackageSources
from computes.environments.folder_place import FolderPlace
from computes.environments.solving import solve
from computes.environments.spec_reading import spec_from_conda
from computes.environments.stopping import never
from computes.machines.local import LocalMachine
from projects.aml_config.dependency_files import CondaDependencies
from tests.stack.conda_channel import index
from tests.stack.conda_python import pack_python, pythons_here
from tests.stack.conda_wheels import pack_wheel
from tests.stack.package_server import PackageServer, package_server

CONDA = ("python", "pip", "requests", "six")
CONDA_WHEELS = ("pip", "requests", "six", "idna", "certifi", "urllib3", "charset-normalizer")
PIP = ("cowsay", "numpy")
ROUNDS = 3
Seconds = dict[str, float]


def measure() -> list[Figure]:
    """Alternate both ways, each with a cache of its own, and return the rows."""
    times: dict[str, list[Seconds]] = {"empty": [], "full": []}
    by_hand: dict[str, list[float]] = {"empty": [], "full": []}
    with tempfile.TemporaryDirectory(prefix="amlweb-environments-") as name:
        folder = Path(name)
        make_channel(folder / "channel")
        with package_server(folder / "channel") as server:
            for number in range(ROUNDS):
                for cache in ("empty", "full"):
                    place = folder / f"{number}-{cache}"
                    place.mkdir()
                    by_hand[cache].append(make_by_hand(server, folder / f"cache-hand-{number}", place / "hand"))
                    times[cache].append(make(server, folder / f"cache-{number}", place / "work"))
    return [row(cache, times[cache], by_hand[cache]) for cache in ("empty", "full")]


def row(cache: str, times: list[Seconds], by_hand: list[float]) -> Figure:
    """Return a row with the share of each part."""
    middle = {part: median([each[part] for each in times]) for part in times[0]}
    whole, bare = middle.pop("whole"), median(by_hand)
    shares = ", ".join(f"{part} {seconds:.1f}" for part, seconds in middle.items())
    return Figure(
        f"environment of 8 conda and 2 pip packages, package cache {cache}",
        f"{whole:.1f} s ({whole / bare:.2f} ×): {shares}",
        f"{bare:.1f} s (rattler, pip and compileall by hand)",
        "≤ 1.2 ×",
        whole <= 1.2 * bare,
    )


def make(server: PackageServer, cache: Path, work: Path) -> Seconds:
    """Make it our way; return the seconds of all and of each part."""
    sources = PackageSources(server.address("").rstrip("/"), pip_index=server.address("simple"))
    place = FolderPlace(LocalMachine(), str(work), "ab12")
    read = spec_from_conda(CondaDependencies(channels=("conda",), dependencies=CONDA, pip=PIP))
    began = time.perf_counter()
    lock = solve(read.spec, place.platform(), sources, place, ignore, cache_folder=cache)
    solved = time.perf_counter() - began
    report = build(lock, place, sources, {}, ignore, never, cache)
    assert len(lock.packages) == len(CONDA_WHEELS) + 1 + len(PIP), lock.packages
    return {"whole": time.perf_counter() - began, "solve": solved, **asdict(report)}


def ignore(line: str) -> None:
    """Nobody reads the log of a measurement."""


def make_by_hand(server: PackageServer, cache: Path, prefix: Path) -> float:
    """Make it by hand; return its seconds."""
    script = [sys.executable, str(SCRIPTS / "environment_by_hand.py"), server.address("conda"), str(cache), str(prefix)]
    environment = {
        **os.environ,
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_INDEX_URL": server.address("simple"),
        "PIP_CACHE_DIR": f"{cache}/pip",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    # -I makes Python ignore PYTHON* variables, but pip still reads its own.
    done = subprocess.run(
        [*script, " ".join(CONDA), " ".join(PIP)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return float(done.stdout.split()[-1])


def make_channel(folder: Path) -> None:
    """Make a channel with a Python of this machine and packed wheels, and an index with the wheels that pip takes."""
    channel, wheels, downloads = folder / "conda", folder / "pip", folder / "downloads"
    for each in (channel / "noarch", channel / "linux-64", wheels, downloads):
        each.mkdir(parents=True)
    version, root = pythons_here()[0]
    pack_python(channel, version, root)
    download(downloads, "--platform=any", *CONDA_WHEELS)
    for wheel in sorted(downloads.glob("*.whl")):
        pack_wheel(channel, wheel)
    download(wheels, f"--python-version={'.'.join(version.split('.')[:2])}", *PIP)
    index(channel)


def download(folder: Path, *words: str) -> None:
    """Download wheels."""
    argv = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", str(folder)]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run([*argv, *words], check=True, env=environment, stderr=subprocess.DEVNULL)

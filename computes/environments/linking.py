"""Brings the conda part of an environment to a place: fetched and linked here, unpacked there, nothing executed.

Where the place is on this machine it is linked where it stays, and gets the form that unpacking would give it.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from computes.environments.contract import LockedPackage, PackageSources, Place
from computes.environments.full_disk import full_server, full_target, said_of_full_disk
from computes.environments.package_cache import note_use
from computes.environments.prefix_form import put_in_form
from computes.environments.prefix_tar import tar_of_prefix
from computes.environments.solver_process import SolverRefused, run_solver
from computes.environments.stopping import ShouldStop
from computes.errors import PreparationFailed

FETCH_ANEW = (
    "Look whether the channel answers and still has this very package. If it has lost it, submit the script anew "
    "instead of repeating a run: what the project's file asks for is then solved again."
)
OTHER_VERSION = "Ask for another version of the package that the message names, and tell whoever made it."


class NotBrought(PreparationFailed):
    """A package that was locked cannot be fetched or linked; the text has rattler's own words."""


@dataclass(frozen=True, slots=True)
class LinkTimes:
    """Seconds of each part; `upload` is for sending and unpacking, or for giving it its form where it stays.
    `with_scripts` are the packages that bring a script which is not run."""

    fetch: float
    link: float
    upload: float
    with_scripts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Linked:
    """A folder with linked packages, the seconds of fetching and linking them, and those that bring a script."""

    folder: Path
    fetch: float
    link: float
    with_scripts: tuple[str, ...]


def bring_conda_part(
    packages: Iterable[LockedPackage],
    subdir: str,
    place: Place,
    hash: str,
    sources: PackageSources,
    cache_folder: Path,
    should_stop: ShouldStop,
) -> LinkTimes:
    """Fill a prefix that was begun with the conda packages. Raises PreparationFailed and TargetError."""
    prefix = place.prefix_of(hash)
    if folder := place.folder_here(hash):
        linked = _link(packages, subdir, prefix, folder, full_target, sources, cache_folder, should_stop)
        began = time.monotonic()
        put_in_form(folder, prefix, should_stop)
        return LinkTimes(linked.fetch, linked.link, time.monotonic() - began, linked.with_scripts)
    with linked_prefix(packages, subdir, prefix, sources, cache_folder, should_stop) as linked:
        began = time.monotonic()
        place.unpack(hash, tar_of_prefix(linked.folder, prefix, should_stop))
        return LinkTimes(linked.fetch, linked.link, time.monotonic() - began, linked.with_scripts)


@contextmanager
def linked_prefix(
    packages: Iterable[LockedPackage],
    subdir: str,
    prefix: str,
    sources: PackageSources,
    cache_folder: Path,
    should_stop: ShouldStop,
) -> Iterator[Linked]:
    """Give a folder with the conda packages, linked for a path that is the target's, and remove it. Raises
    PreparationFailed."""
    with scratch_folder(cache_folder) as scratch:
        folder = scratch / "prefix"
        folder.mkdir()
        linked = _link(packages, subdir, prefix, folder, full_server, sources, cache_folder, should_stop)
        yield linked


def _link(
    packages: Iterable[LockedPackage],
    subdir: str,
    prefix: str,
    folder: Path,
    when_full: Callable[[str], Exception],
    sources: PackageSources,
    cache_folder: Path,
    should_stop: ShouldStop,
) -> Linked:
    packages = list(packages)
    request = {
        "records": [dict(package.record) for package in packages if package.kind == "conda"],
        "folder": str(folder),
        "packages": str(cache_folder / "packages"),
        "subdir": subdir,
        "prefix": prefix,
    }
    try:
        times = run_solver("link", request, sources, cache_folder, should_stop)
    except SolverRefused as error:
        if said := said_of_full_disk(error.text.splitlines()):
            raise when_full(said) from error
        remedy = FETCH_ANEW if error.text.startswith("failed to fetch") else OTHER_VERSION
        raise NotBrought(error.text, remedy) from error
    note_use(cache_folder / "packages", names_of(packages))
    return Linked(folder, times["fetch_seconds"], times["link_seconds"], tuple(times["with_scripts"]))


def names_of(packages: Iterable[LockedPackage]) -> list[str]:
    """Return what the names of conda packages in the cache begin with."""
    return [f"{each.name}-{each.version}-{each.build}" for each in packages if each.kind == "conda"]


@contextmanager
def scratch_folder(cache_folder: Path) -> Iterator[Path]:
    """Give a folder beside the cache, so that copies stay on one disk, and remove it."""
    cache_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=cache_folder, prefix="link-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)

"""Whether a lock that was made elsewhere fits a target: told from the lock alone, before anything is fetched."""

from collections.abc import Iterable
from pathlib import Path

from computes.environments.contract import Lock, LockedPackage, PackageSources, Platform
from computes.environments.solver_process import run_solver
from computes.environments.stopping import ShouldStop
from computes.environments.wheel_tags import glibc_of_wheel
from computes.errors import PreparationFailed

MOST_NAMED = 5
REMEDY = (
    "Submit the script anew on this target instead of repeating the run: what its project's file asks for is then "
    "solved for this target."
)


def require_fit(
    lock: Lock, platform: Platform, sources: PackageSources, cache_folder: Path, should_stop: ShouldStop
) -> None:
    """Raise PreparationFailed with what the lock is for, what the target is and what to do, unless they fit."""
    require_processor(lock, platform)
    lacking = what_lacks(lock, platform, sources, cache_folder, should_stop)
    if lacking:
        rest = f" and {len(lacking) - MOST_NAMED} more" if len(lacking) > MOST_NAMED else ""
        text = f"The lock {lock.hash} was made for {lock.platform.words}, and the target is {platform.words}."
        named = "; ".join(lacking[:MOST_NAMED])
        raise PreparationFailed(f"{text} Its packages need what the target does not have: {named}{rest}.", REMEDY)


def known_lock(
    locks: Iterable[Lock],
    platform: Platform,
    sources: PackageSources,
    cache_folder: Path,
    should_stop: ShouldStop,
) -> Lock | None:
    """Return the first lock of the same ask that was made for such a platform and fits this one."""
    for lock in locks:
        if lock.platform.is_like(platform) and not what_lacks(lock, platform, sources, cache_folder, should_stop):
            return lock
    return None


def require_processor(lock: Lock, platform: Platform) -> None:
    """Raise PreparationFailed for a lock whose packages are for another kind of machine."""
    if lock.platform.subdir != platform.subdir:
        text = f"The lock {lock.hash} is for {lock.platform.words}, and the target is {platform.words}."
        raise PreparationFailed(f"{text} Its packages cannot run there.", REMEDY)


def what_lacks(
    lock: Lock, platform: Platform, sources: PackageSources, cache_folder: Path, should_stop: ShouldStop
) -> list[str]:
    """Return in words what packages of a lock need of a platform of the same subdir that this one does not have."""
    if platform == lock.platform:
        return []
    needs = [need for package in lock.packages for need in _needs_of(package)]
    unmet: list[int] = []
    if needs:
        request = {"needs": needs, "platform": platform.virtual_packages()}
        unmet = run_solver("needs", request, sources, cache_folder, should_stop)["unmet"]
    found = [f"{needs[place]['package']} needs {needs[place]['spec']}" for place in unmet]
    return [*found, *_wheels_that_lack(lock, platform)]


def _needs_of(package: LockedPackage) -> list[dict[str, object]]:
    """Return what a conda package needs of the machine, and what it only sets limits to."""
    return [
        {"package": f"{package.name} {package.version}", "spec": spec, "limit": part == "constrains"}
        for part in ("depends", "constrains")
        for spec in package.record.get(part) or ()
        if spec.startswith("__")
    ]


def _wheels_that_lack(lock: Lock, platform: Platform) -> list[str]:
    major, minor = (int(part) for part in platform.glibc.split(".")[:2])
    wheels = ((package, glibc_of_wheel(package.url)) for package in lock.packages if package.kind == "pip")
    return [
        f"the wheel of {package.name} {package.version} needs glibc {needed[0]}.{needed[1]}"
        for package, needed in wheels
        if needed > (major, minor)
    ]

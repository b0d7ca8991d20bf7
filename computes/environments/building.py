"""From a lock to a complete prefix at a place: the same lock gives the same tree, bit for bit."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from computes.environments.contract import Lock, LockedPackage, LogLine, PackageSources, Place
from computes.environments.linking import bring_conda_part
from computes.environments.package_sources import masker_for, without_logins_in_addresses
from computes.environments.pip_failure import PipFailed, said_of_failure
from computes.environments.pip_setup import REQUIREMENTS, index_options, put_pip_files, where_to_look
from computes.environments.prefix_tar import tar_of_files
from computes.environments.project_wheels import is_project_wheel, path_of, wheel_files
from computes.environments.silent_indexes import silent_indexes
from computes.environments.stopping import ShouldStop, ask
from computes.environments.target_steps import BUILD_FOLDER, StepResult, build_path, put_programs, run_step
from computes.errors import PreparationFailed, TargetError

PIP_DEADLINE_SECONDS = 3600.0
FINISH_DEADLINE_SECONDS = 1800.0
OLDEST_PYTHON = (3, 6)


@dataclass(frozen=True, slots=True)
class BuildReport:
    """Seconds of each part of a build; all are 0 when the prefix was there already."""

    fetch: float = 0.0
    link: float = 0.0
    upload: float = 0.0
    pip: float = 0.0
    compile: float = 0.0
    deliver: float = 0.0


def build(
    lock: Lock,
    place: Place,
    sources: PackageSources,
    wheels: Mapping[str, Path],
    log: LogLine,
    should_stop: ShouldStop,
    cache_folder: Path,
) -> BuildReport:
    """Make the prefix of a lock complete. Raises PreparationFailed, PreparationStopped and TargetError.

    `wheels` are the project's files by path. What packages need to be built from source is sought where the lock and
    the sources say. A prefix that is there is left as it is; a half-built one is begun again, and what fails or is
    stopped is removed.
    """
    if place.is_complete(lock.hash):
        log(f"The environment {lock.hash} is there already.")
        return BuildReport()
    sources = without_logins_in_addresses(sources)
    files = wheel_files(lock.packages, wheels)
    ask(should_stop)
    place.begin(lock.hash)
    try:
        report = _Build(lock, place, sources, log, should_stop, cache_folder).run(files)
        ask(should_stop)
        began = time.monotonic()
        place.deliver(lock.hash, log, should_stop)
        report = replace(report, deliver=time.monotonic() - began)
        place.complete(lock.hash)
    except BaseException:
        _remove_rest(place, lock.hash, log)
        raise
    log(f"The environment {lock.hash} is ready.")
    return report


def _remove_rest(place: Place, hash: str, log: LogLine) -> None:
    try:
        place.remove(hash)
    except TargetError as error:
        log(f"What was built so far could not be removed, and is when it is built again: {error.text}")


class _Build:
    """One build."""

    def __init__(
        self,
        lock: Lock,
        place: Place,
        sources: PackageSources,
        log: LogLine,
        should_stop: ShouldStop,
        cache_folder: Path,
    ) -> None:
        self.lock, self.place, self.sources = lock, place, sources
        self.should_stop, self.cache_folder = should_stop, cache_folder
        self.mask = masker_for(sources)
        self.log: LogLine = lambda line: log(self.mask(line))

    def run(self, wheels: Mapping[str, Path]) -> BuildReport:
        """Do all but saying that it is complete."""
        lock, place = self.lock, self.place
        self.log(f"Fetching and linking {sum(p.kind == 'conda' for p in lock.packages)} conda packages.")
        times = bring_conda_part(
            lock.packages, lock.platform.subdir, place, lock.hash, self.sources, self.cache_folder, self.should_stop
        )
        self.log(f"Fetched in {times.fetch:.1f} s, linked in {times.link:.1f} s, sent in {times.upload:.1f} s.")
        if times.with_scripts:
            self.log(f"Post-link scripts of packages are not run; these bring one: {', '.join(times.with_scripts)}.")
        pip = [package for package in lock.packages if package.kind == "pip"]
        python = _python_of(lock)
        if python is None:
            if pip:
                raise PreparationFailed("There is no Python for the pip section.", "Ask for Python 3.7 or newer.")
            self.log("There is no Python 3 in it, so nothing is compiled.")
            return BuildReport(times.fetch, times.link, times.upload)
        put_programs(place, lock.hash)
        pip_seconds = self._install(pip, wheels) if pip else 0.0
        return BuildReport(times.fetch, times.link, times.upload, pip_seconds, self._finish())

    def _install(self, pip: list[LockedPackage], wheels: Mapping[str, Path]) -> float:
        began = time.monotonic()
        place, hash = self.place, self.lock.hash
        if wheels:
            files = {f"{BUILD_FOLDER}/wheels/{path}": blob for path, blob in wheels.items()}
            place.unpack(hash, tar_of_files(files, self.should_stop))
        looked_at = where_to_look(index_options(self.lock.indexes), self.sources)
        lines = [*looked_at, *(self._line(package) for package in pip)]
        variables = put_pip_files(place, hash, lines, self.sources)
        for package in pip:
            if not package.url.endswith(".whl"):
                self.log(f"{package.name} {package.version} is built from source there; that may not give equal bytes.")
        arguments = ["-I", "-B", "-m", "pip", "install", "--no-deps", "--no-compile", "--require-hashes"]
        arguments += ["-r", build_path(place, hash, REQUIREMENTS)]
        done = self._step(arguments, variables, PIP_DEADLINE_SECONDS)
        if done.code != 0:
            silent = silent_indexes(done.lines, looked_at, variables, place, hash, self.sources, self._step)
            raise PipFailed(
                f"pip could not install the locked packages.\n{said_of_failure(done.lines)}{silent}",
                "If an address of the lock is gone or has another content, solve again; else look at the build log.",
                done.lines,
            )
        return time.monotonic() - began

    def _step(self, arguments: Sequence[str], variables: Mapping[str, str], seconds: float) -> StepResult:
        """Run a program with the prefix's own Python."""
        place, hash = self.place, self.lock.hash
        return run_step(place, hash, arguments, variables, self.log, self.mask, self.should_stop, seconds)

    def _line(self, package: LockedPackage) -> str:
        url = package.url
        if is_project_wheel(package):
            url = "file://" + quote(build_path(self.place, self.lock.hash, f"wheels/{path_of(package)}"))
        return f"{package.name} @ {url} --hash=sha256:{package.sha256}"

    def _finish(self) -> float:
        began = time.monotonic()
        self.log("Putting the prefix in order and compiling it.")
        place, hash = self.place, self.lock.hash
        arguments = ["-s", "-S", "-B", build_path(place, hash, "finish.py"), place.prefix_of(hash)]
        done = self._step(arguments, {}, FINISH_DEADLINE_SECONDS)
        if done.code != 0:
            raise PreparationFailed(
                "The prefix could not be put in order.\n" + "\n".join(done.lines[-20:]),
                "Prepare it again; if that does not help, look at the target's disk and memory.",
            )
        return time.monotonic() - began


def _python_of(lock: Lock) -> tuple[int, int] | None:
    """Return the version of Python of a lock, None when there is none that our programs run on."""
    for package in lock.packages:
        if package.kind == "conda" and package.name == "python":
            major, minor = package.version.split(".")[:2]
            version = (int(major), int(minor))
            return version if version >= OLDEST_PYTHON else None
    return None

"""From what is asked for to a lock."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from computes.environments.channels import plan_channels, stands_for, where_channels_asked
from computes.environments.contract import (
    EnvironmentSpec,
    Lock,
    LockedPackage,
    LogLine,
    PackageSources,
    Place,
    Platform,
)
from computes.environments.linking import NotBrought, scratch_folder
from computes.environments.lock_json import lock_of
from computes.environments.package_sources import masker_for, without_logins_in_addresses
from computes.environments.pip_resolving import resolve_pip
from computes.environments.pip_setup import index_options
from computes.environments.request_digest import request_digest
from computes.environments.solver_process import SolverRefused, run_solver
from computes.environments.stopping import ShouldStop, ask, never
from computes.environments.where_asked import where_asked, where_packages_asked
from computes.errors import PreparationFailed

PIP = "pip >=22.2"
OWN_PIP = f"\n{PIP} is asked for because of the pip section: no older one says what it would install."
_NAME = re.compile(r"(?:\S+::)?([A-Za-z0-9_.-]+)")


def solve(
    spec: EnvironmentSpec,
    platform: Platform,
    sources: PackageSources,
    place: Place | None,
    log: LogLine,
    *,
    cache_folder: Path,
    should_stop: ShouldStop = never,
) -> Lock:
    """Return the exact packages for a platform. Raises PreparationFailed with the solver's or pip's own words.

    A Python is part of every environment, because scripts run on it: where none is asked for, whichever fits. The place
    is needed only where there is a pip section: its pip says what it would install.
    """
    sources = without_logins_in_addresses(sources)
    log = _masked(log, masker_for(sources))
    plan = plan_channels(spec, sources, log)
    specs = [*plan.specs]
    requirements = [line for line in spec.pip if not line.startswith("-")]
    needed = ("python", PIP) if requirements else ("python",)
    specs += [name for name in needed if not _asks_for(specs, name.split()[0])]
    log(f"Solving {len(specs)} conda specs for {platform.words}.")
    request = {
        "channels": list(plan.channels),
        "specs": specs,
        "repodata": str(cache_folder / "repodata"),
        "platform": platform.virtual_packages(),
    }
    try:
        answer = find_packages(request, sources, cache_folder, should_stop)
    except SolverRefused as error:
        raise _explained(error, spec, sources) from error
    conda = tuple(_locked(record) for record in answer["records"])
    log(f"{len(conda)} conda packages found.")
    pip: list[LockedPackage] = []
    if requirements:
        assert place is not None
        ask(should_stop)
        log("Asking the environment's pip for the packages of the pip section.")
        scratch = hashlib.sha256(f"scratch {request_digest(spec, platform, sources)}".encode()).hexdigest()[:32]
        try:
            pip = resolve_pip(spec, conda, platform, sources, place, scratch, log, cache_folder, should_stop)
        except NotBrought as error:
            where = where_packages_asked(spec, error.text, conda)
            raise PreparationFailed(f"{error.text}{where}", error.remedy) from error
        log(f"{len(pip)} pip packages found.")
    lock = lock_of(platform, plan.channels, [*conda, *pip], index_options(spec.pip))
    log(f"Locked as {lock.hash}.")
    return lock


def find_packages(
    request: dict[str, Any], sources: PackageSources, cache_folder: Path, should_stop: ShouldStop
) -> dict[str, Any]:
    """Return the solver's answer; where a server's "not modified" is not understood, that of lists without a cache.

    py-rattler 0.28 takes a 304 without Last-Modified or ETag, as Python's http.server sends it, for an error.
    """
    try:
        return run_solver("solve", request, sources, cache_folder, should_stop)
    except SolverRefused as error:
        if "304 Not Modified" not in error.text:
            raise
    with scratch_folder(cache_folder) as empty:
        return run_solver("solve", {**request, "repodata": str(empty)}, sources, cache_folder, should_stop)


def _masked(log: LogLine, mask: Callable[[str], str]) -> LogLine:
    return lambda line: log(mask(line))


def _asks_for(specs: list[str], name: str) -> bool:
    return any((match := _NAME.match(spec)) and match[1].lower() == name for spec in specs)


def _locked(record: dict[str, Any]) -> LockedPackage:
    if not record.get("sha256"):
        raise PreparationFailed(
            f"The channel gives no sha256 for {record['name']} {record['version']}.",
            "Use a channel that is indexed anew.",
        )
    return LockedPackage(
        kind="conda",
        name=record["name"],
        version=record["version"],
        build=record["build"],
        url=record["url"],
        sha256=record["sha256"],
        md5=record.get("md5") or "",
        size=record.get("size") or 0,
        record=record,
    )


def _explained(error: SolverRefused, spec: EnvironmentSpec, sources: PackageSources) -> PreparationFailed:
    if error.spec is not None and error.spec < len(spec.conda):
        entry = spec.conda[error.spec]
        line = spec.lines.get(entry)
        where = f"{spec.source}, line {line}" if line else spec.source
        return PreparationFailed(f"{where}: `{entry}` is not a conda spec: {error.text}", "Write `package=1.2`.")
    more = [
        where_asked(spec, error.text, spec.conda),
        where_channels_asked(spec, sources, error.text),
        stands_for(spec, sources, error.text),
        OWN_PIP if PIP in error.text and PIP not in spec.conda else "",
    ]
    return PreparationFailed("".join([error.text, *more]), error.remedy)

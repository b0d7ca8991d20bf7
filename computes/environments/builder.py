"""Solves and builds one environment: `python -m computes.environments.builder REQUEST.json`.

A program of its own, so that it outlives whoever started it. What it does is in files:

    log         a line for each step, with what the solver, pip and the place say
    heartbeat   touched every second while this program lives
    cancel      looked for: when it is there, the work ends
    result      written whole at the end, by rename: state ready | failed | canceled | unreachable, lock, report,
                size_bytes, error, remedy, failure (disk_full, or empty for all others)

A builder whose heartbeat rests and that left no result has died; the same request begun again builds from the start,
and never uses what the first one left.
"""

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from computes.environments.address_secrets import BadAddress
from computes.environments.bringing_python import ensure_python
from computes.environments.builder_request import BuilderRequest, take_request
from computes.environments.building import build
from computes.environments.contract import EnvironmentSpec, Lock, LogLine
from computes.environments.fitting import known_lock, require_fit
from computes.environments.linking import NotBrought
from computes.environments.lock_json import lock_to_json
from computes.environments.package_cache import in_use
from computes.environments.package_sources import masker_for, without_logins_in_addresses
from computes.environments.pip_failure import PipFailed, where_failed
from computes.environments.pip_setup import with_indexes
from computes.environments.place_factory import place_from_json, settings_from_json
from computes.environments.solving import solve
from computes.environments.stopping import PreparationStopped
from computes.environments.where_asked import where_packages_asked
from computes.errors import PreparationFailed, TargetDiskFull, TargetError, TargetUnreachable

HEARTBEAT_SECONDS = 1.0
DISK_FULL = "disk_full"


def main(path: Path) -> int:
    """Do what the request asks for and write the result; 0 when there is one, whatever it says."""
    request = take_request(path)
    log = log_into(request.files.log)
    with heartbeat(request.files.heartbeat), in_use(request.cache_folder):
        result = outcome(request, log)
    if result["error"]:
        log(result["error"])
    temporary = request.files.result.with_name(f"{request.files.result.name}.part")
    temporary.write_text(json.dumps(result))
    temporary.replace(request.files.result)
    return 0


def outcome(request: BuilderRequest, log: LogLine) -> dict[str, Any]:
    """Return the result: every error of ours, and of the place, has words for the user."""
    found: dict[str, Any] = {}
    report: dict[str, float] = {}
    state, error, remedy, failure_kind = "ready", "", "", ""
    try:
        report = prepare(request, log, found)
    except PreparationStopped as stopped:
        state, error, remedy = "canceled", stopped.text, stopped.remedy
    except TargetUnreachable as silence:
        state, error, remedy = "unreachable", silence.text, silence.remedy
    except TargetError as failure:
        state, error, remedy = "failed", failure.text, failure.remedy
        failure_kind = DISK_FULL if isinstance(failure, TargetDiskFull) else ""
    except Exception as defect:  # noqa: BLE001 - whoever waits must hear of it
        state, error = "failed", f"The builder failed: {type(defect).__name__}: {defect}"
        remedy = "Prepare the environment again; if that does not help, show this message to the administrator."
    mask = masker_for(request.sources)
    lock = lock_to_json(found["lock"]) if "lock" in found else None
    return {
        "state": state,
        "lock": lock,
        "report": report,
        "size_bytes": found.get("size_bytes"),
        "error": mask(error),
        "remedy": mask(remedy),
        "failure": failure_kind,
    }


def prepare(request: BuilderRequest, log: LogLine, found: dict[str, Any]) -> dict[str, float]:
    """Solve where there is no lock yet, build, and return the seconds of each part. `found` gets lock and size.

    With neither a spec nor a lock only the place is made ready: its image is pulled.
    """
    try:
        sources = without_logins_in_addresses(request.sources)
    except BadAddress as error:
        raise PreparationFailed(
            f"An address of the package sources is not valid: {error}",
            "Let an administrator correct the package sources.",
        ) from error
    stop = request.files.cancel.exists
    access = settings_from_json(request.place["settings"]).ssh
    if access is not None:
        ensure_python(access, sources, request.cache_folder, log, stop, for_lock=request.lock)
    place = place_from_json(request.place)
    began = time.monotonic()
    place.make_ready(log, stop)
    if request.spec is None and request.lock is None:
        return {"pull": time.monotonic() - began}
    began = time.monotonic()
    lock = request.lock
    wheels = dict(request.wheels)
    if lock is not None:
        require_fit(lock, place.platform(), sources, request.cache_folder, stop)
    elif request.spec is not None:
        wheels = {**request.spec.wheels, **wheels}
        platform = place.platform()
        lock = known_lock(request.known_locks, platform, sources, request.cache_folder, stop)
        if lock is not None:
            log(f"The same was solved for another target of the same platform, so its lock {lock.hash} is taken.")
        else:
            lock = solve(
                request.spec, platform, sources, place, log, cache_folder=request.cache_folder, should_stop=stop
            )
    solved = time.monotonic() - began
    if lock is None:
        raise PreparationFailed("There is neither a spec nor a lock to build.", "Tell the administrator.")
    if request.spec is not None:
        lock = with_indexes(lock, request.spec.pip)
    found["lock"] = lock
    try:
        report = build(lock, place, sources, wheels, log, stop, request.cache_folder)
    except (NotBrought, PipFailed) as failure:
        where = where_it_comes_from(request.spec, lock, failure) if request.spec is not None else ""
        raise PreparationFailed(f"{failure.text}{where}", failure.remedy) from failure
    with suppress(TargetError):  # it is complete, also where nobody can say how large it is
        found["size_bytes"] = place.sizes().get(lock.hash)
    return {"solve": solved, **asdict(report)}


def where_it_comes_from(spec: EnvironmentSpec, lock: Lock, failure: NotBrought | PipFailed) -> str:
    """Return lines to add to what was said of a locked package: the entries of the project's file that ask for it."""
    if isinstance(failure, PipFailed):
        return where_failed(spec, failure.said)
    return where_packages_asked(spec, failure.text, (each for each in lock.packages if each.kind == "conda"))


def log_into(path: Path) -> LogLine:
    """Return what adds a line with the time (UTC) to a file."""

    def log(line: str) -> None:
        now = datetime.now(UTC).strftime("%H:%M:%S")
        with path.open("a") as file:
            file.writelines(f"{now} {part}\n" for part in line.splitlines() or [""])

    return log


@contextmanager
def heartbeat(path: Path) -> Iterator[None]:
    """Touch a file every second until the block ends."""
    over = threading.Event()
    path.touch()

    def beat() -> None:
        while not over.wait(HEARTBEAT_SECONDS):
            path.touch()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

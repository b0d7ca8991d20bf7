"""Placing a run in the shared storage: the driver program, the code, and what the driver is to do with it."""

import json
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from computes.contract import ExecutionRequest
from computes.executors.interpreter import PROGRAM
from computes.executors.specification import check_text, check_variable, script_argument
from computes.machines.contract import CollectionLimits
from computes.shared_storage.code_archives import write_code
from computes.shared_storage.program_file import NAME, USED, USED_AGAIN_SECONDS, program_file
from computes.shared_storage.shared_run import SharedRun
from computes.spark_driver.layout import CODE, INTRO, MODULES, SECRETS, SPECIFICATION


def check_request(request: ExecutionRequest) -> None:
    """Raise StartFailed for arguments and variables that no operating system can be given."""
    for argument in (request.script, *request.arguments):
        check_text(argument, f"The argument {argument[:80]!r}")
    settings = request.address.settings
    for name, value in [*settings.environment.items(), *request.environment.items(), *request.secrets.items()]:
        check_variable(name, value)


def place_program(run: SharedRun) -> str:
    """Place the driver program where it is missing and return its URI. Beside one that has been there for long it is
    noted that it is used, for those who sweep the storage; drivers may be reading the program itself."""
    name, content = program_file()
    folder = name.rpartition("/")[0]
    there = run.storage.listing(folder)
    if NAME not in there:
        run.storage.place(name, content)
    elif time.time() - max(facts.since for facts in there.values()) > USED_AGAIN_SECONDS:
        run.storage.place(f"{folder}/{USED}", b"")
    return run.uri_of(name)


def place_run(
    run: SharedRun, request: ExecutionRequest, intro: str, most_attempts: int, limits: CollectionLimits
) -> None:
    """Place all that a driver needs for a run. It may be placed twice; nothing of it says that the run has started."""
    run.storage.make_folder(run.folder)
    with tempfile.TemporaryDirectory(prefix="amlweb-code-") as scratch:
        tar, modules = Path(scratch, CODE), Path(scratch, MODULES)
        digest = write_code(request, tar, modules)
        run.storage.place(f"{run.folder}/{CODE}", tar)
        run.storage.place(f"{run.folder}/{MODULES}", modules)
    run.storage.place(f"{run.folder}/{INTRO}", intro.encode())
    if request.secrets:
        run.storage.place(f"{run.folder}/{SECRETS}", json.dumps(dict(request.secrets)).encode("ascii"))
    specification = specification_of(request, digest, len(intro.encode()), most_attempts, limits)
    run.storage.place(f"{run.folder}/{SPECIFICATION}", json.dumps(specification).encode("ascii"))


def specification_of(
    request: ExecutionRequest, digest: str, intro_bytes: int, most_attempts: int, limits: CollectionLimits
) -> dict[str, Any]:
    """Return what `computes.spark_driver` reads. Secrets can be read once, so with some there is one attempt."""
    settings = request.address.settings
    is_for_group = settings.livy is not None and settings.livy.is_for_group
    return {
        "run_id": request.address.run_id,
        "script": [script_argument(request.script), *request.arguments],
        "environment": {**settings.environment, **request.environment},
        "secret_names": sorted(request.secrets),
        "time_limit_seconds": request.limits.time_limit_seconds,
        "grace_seconds": request.limits.grace_seconds,
        "log_cap_bytes": request.limits.log_cap_bytes,
        "free_space_floor_bytes": request.limits.free_space_floor_bytes,
        "outputs": asdict(limits),
        "code_sha256": digest,
        "intro_bytes": intro_bytes,
        "most_attempts": 1 if request.secrets else most_attempts,
        "file_mode": 0o660 if is_for_group else 0o600,
        "question": PROGRAM,
    }

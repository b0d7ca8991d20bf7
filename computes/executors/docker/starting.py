"""Starting a run in a container: place, be admitted, create, start, hear that the program was spawned.

A stop or a clean-up may come between any two steps. Before the admission it leaves a tombstone, which the admission
sees; after it, a cancel in the run folder, which the supervisor in the container sees; and it removes a container that
was made and not started.
"""

import json
import os
import secrets
import time
from contextlib import suppress
from typing import Any

from computes.contract import Condition, ExecutionRequest, Framework
from computes.errors import (
    EnvironmentGone,
    InterpreterNotFound,
    StartFailed,
    StartRefused,
    TargetError,
    TargetUnreachable,
    TransferFailed,
)
from computes.executors.answers import raise_unless_started
from computes.executors.docker.container_config import run_config, user_of
from computes.executors.docker.contents import Contents, MountedContents
from computes.executors.docker.copied_contents import CopiedContents
from computes.executors.docker.engine_errors import Conflict, NotThere
from computes.executors.docker.images import require_image
from computes.executors.docker.known_user import make_known
from computes.executors.docker.names import SUPERVISOR, environment_volume, labels_of, run_folder_inside, volume_of
from computes.executors.docker.records import records_of
from computes.executors.docker.run_in_container import RunInContainer, is_created, is_running
from computes.executors.docker.spark_in_image import require_spark
from computes.executors.docker.surroundings import interpreter_of, surroundings_in
from computes.executors.specification import specification_in
from computes.machines.contract import Owner
from computes.supervisor import BOOT
from computes.supervisor.foreground import ANSWER

UNPRIVILEGED = "65534:65534"
ANSWER_SECONDS = 60.0
NAME_TAKEN_SECONDS = 20.0
LOOK_AGAIN_SECONDS = 0.01
ASK_ENGINE_SECONDS = 0.1
ANSWER_BYTES = 10_000
STARTED = "started 0 0 container"
MARK_BYTES = 200
REMOVED = "The container was removed from outside before the script could start (docker rm)."
PYTHON_MISSING = ("no such file or directory", "executable file not found", "permission denied", "exec format error")


def start(run: RunInContainer, request: ExecutionRequest) -> None:
    """Start a run; return when its program is spawned. A run that was started before is found and left as it is."""
    run.folder.open(request.address.installation_id)
    if records_of(run).look()["answer"] not in (Condition.ABSENT, Condition.STARTING):
        note_start(run, is_first=False)
        return
    facts = run.inspect()
    if not has_begun(facts) and not launch(run, request, facts):
        return
    wait_for_answer(run, request)
    note_start(run, is_first=True)


def note_start(run: RunInContainer, *, is_first: bool) -> None:
    """Note in the launch lock that the program was spawned. Where another launch has spawned it, that may have been
    killed before it came to this."""
    path = f"{run.folder.path}/locks/{run.run_folder.rpartition('/')[2]}"
    if is_first or STARTED.encode() not in run.machine.read(path, 0, MARK_BYTES):
        run.machine.append_line(path, STARTED)


def launch(run: RunInContainer, request: ExecutionRequest, facts: dict[str, Any] | None) -> bool:
    """Make the container where there is none, and start it; False when a run is gone that was started before."""
    user = user_of(run.settings)
    image = require_image(run.engine, run.settings.image)
    require_environment(run, request)
    surroundings = surroundings_in(request, image)
    specification = specification_in(request, surroundings)
    if request.framework == Framework.PYSPARK:
        require_spark(run, request, image, specification)
    contents = MountedContents(run, request) if run.settings.is_shared else CopiedContents(run, request)
    placed = f"{run.folder.path}/runs/.{run.run_folder.rpartition('/')[2]}-{secrets.token_hex(8)}"
    try:
        contents.place(placed, specification)
    except TransferFailed:
        if run.machine.stat(run.run_folder) is None:
            raise
        # another launch was admitted and has removed what this one was placing: its run folder is ours
    answer = admit(run, contents, placed, user)
    if answer["answer"] == "failed" and answer["stage"] == "owner":
        raise not_given(user or UNPRIVILEGED, answer["errno"])
    if answer["answer"] != "admitted":
        raise_unless_started(answer, surroundings.interpreter)
        return facts is not None
    command = [surroundings.interpreter, "-I", "-S", "-c", BOOT, SUPERVISOR, "run", run_folder_inside(request.address)]
    try:
        if facts is None:
            mounts = contents.mounts()
            config = run_config(run.settings, answer["user"], command, mounts, labels_of(request.address))
            facts = make(run, config)
        else:
            facts = run.inspect()
        if has_begun(facts):
            return True  # another launch was faster: its program must find nothing new
        contents.fill(specification, answer["user"])
        if request.framework == Framework.PYSPARK:
            make_known(run.engine, run.name, answer["user"], specification["environment"]["HOME"])
        begin(run, surroundings.interpreter)
    except TargetError as error:
        if is_unwanted(run):
            return True
        if is_removal(error):
            require_image(run.engine, run.settings.image)
            raise StartFailed(REMOVED, "Run it again.") from error
        raise
    return True


def admit(run: RunInContainer, contents: Contents, placed: str, user: str) -> dict[str, Any]:
    """Make what was placed the run folder, unless the run must not start; return the supervisor's answer."""
    owner = Owner(user, UNPRIVILEGED, [*contents.kept().values()], contents.readable())
    return run.machine.admit(run.run_folder, placed, owner)


def require_environment(run: RunInContainer, request: ExecutionRequest) -> None:
    """Raise EnvironmentGone when the environment is not there: the engine would mount an empty one."""
    if request.environment_hash and run.engine.volume(environment_volume(request.environment_hash)) is None:
        raise EnvironmentGone(
            f"The environment {request.environment_hash[:12]} is not on {request.address.settings.name} any more.",
            "Run it again.",
        )


def make(run: RunInContainer, config: dict[str, Any]) -> dict[str, Any] | None:
    """Create the container, or return what the engine knows of the one that another launch has made."""
    deadline = time.monotonic() + NAME_TAKEN_SECONDS
    while True:
        try:
            run.engine.create(run.name, config)
            return None
        except Conflict:
            if (facts := run.inspect()) is not None:
                return facts
            if time.monotonic() > deadline:
                raise
        time.sleep(LOOK_AGAIN_SECONDS)


def begin(run: RunInContainer, interpreter: str) -> None:
    """Start the container unless the run was stopped meanwhile. A container that cannot be started is removed."""
    if is_unwanted(run):
        return
    try:
        run.engine.start(run.name)
    except TargetError as error:
        if isinstance(error, TargetUnreachable) or is_removal(error):
            raise
        discard(run)
        if any(sign in error.text.lower() for sign in PYTHON_MISSING) and interpreter in error.text:
            raise python_not_found(run, interpreter) from error
        raise StartFailed(error.text, error.remedy) from error


def is_removal(error: TargetError) -> bool:
    """Return whether a container, or its image, went while a launch was at it."""
    return isinstance(error, NotThere) or (isinstance(error, Conflict) and "marked for removal" in error.text)


def discard(run: RunInContainer) -> None:
    """Remove a container that was made and not started."""
    try:
        run.engine.remove(run.name)
    except Conflict:
        return  # another launch has started it


def has_begun(facts: dict[str, Any] | None) -> bool:
    """Return whether a container is there that was started, also one that has ended."""
    return facts is not None and not is_created(facts)


def is_unwanted(run: RunInContainer) -> bool:
    """Return whether the run was stopped after another launch had started its container, which is that one's affair.

    Raises StartRefused when a stop or a clean-up has left its tombstone before any start: what was made and filled is
    removed, because a clean-up may have come before it was there.
    """
    if run.machine.stat(f"{run.folder.path}/ended/{run.run_folder.rpartition('/')[2]}") is None:
        return False
    if has_begun(run.inspect()):
        return True
    discard(run)
    if not run.settings.is_shared:
        with suppress(Conflict):
            run.engine.remove_volume(volume_of(run.address))
    raise StartRefused(
        "The run was ended or cleaned up on the target before it could start.", "Submit it again as a new run."
    )


def wait_for_answer(run: RunInContainer, request: ExecutionRequest) -> None:
    """Return when the supervisor has spawned the program. Raises the error for what it says instead.

    The answer is looked for more often than the engine is asked whether the container lives: each such question keeps
    the engine from its work, which is to start the container.
    """
    interpreter = interpreter_of(request)
    deadline = time.monotonic() + ANSWER_SECONDS
    ask_engine_at, has_ended = 0.0, False
    while True:
        if answer := read_answer(run):
            raise_unless_started(answer, interpreter)
            return
        now = time.monotonic()
        if has_ended:
            raise stillborn(run, interpreter)
        if now > deadline:
            raise TargetUnreachable(
                "The container was started, but nothing is heard of the program.", "It is looked at again by itself."
            )
        if now >= ask_engine_at:
            has_ended = not is_running(run.inspect())
            ask_engine_at = time.monotonic() + ASK_ENGINE_SECONDS
        if not has_ended:
            time.sleep(LOOK_AGAIN_SECONDS)


def read_answer(run: RunInContainer) -> dict[str, Any] | None:
    """Return the supervisor's answer, None before it is there."""
    data = records_of(run).read(ANSWER, 0, ANSWER_BYTES)
    if not data:
        return None
    try:
        answer = json.loads(data)
        return answer if "answer" in answer else None
    except (ValueError, TypeError):
        return None


def stillborn(run: RunInContainer, interpreter: str) -> TargetError:
    """Return the error for a container that ended without an answer of the supervisor."""
    facts = run.inspect()
    said = run.engine.said(run.name) if facts else "the container is gone"
    last = said.splitlines()[-1][:300] if said else "it printed nothing"
    if facts and facts["State"]["ExitCode"] in (126, 127):
        return python_not_found(run, interpreter)
    if facts and facts["State"]["OOMKilled"]:
        return StartFailed(
            "The container's memory is too small even to start Python.", "Give containers of the target more memory."
        )
    return StartFailed(
        f"The container ended before the program was started: {last}",
        "Run the target's check. Python 3.6 or newer with its standard library is needed in the image.",
    )


def python_not_found(run: RunInContainer, interpreter: str) -> InterpreterNotFound:
    """Return the error that names the key to change."""
    return InterpreterNotFound(
        f"There is no Python {interpreter!r} in the image {run.settings.image!r}, or it cannot be executed.",
        "Set pythonLocation of the compute target to a Python 3 of the image, or let an environment be prepared.",
    )


def not_given(user: str, number: int) -> StartFailed:
    """Return the error for a run folder that cannot be given to the container's user."""
    return StartFailed(
        f"The run folder could not be given to the container's user {user}: {os.strerror(number)}.",
        "Leave the container's user of the target empty: then containers run as the account that owns the run folder.",
    )

"""The specification of a run: what the supervisor reads to start the program. User text goes nowhere else."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from computes.contract import ExecutionRequest, Framework
from computes.errors import InterpreterNotFound, StartFailed
from computes.executors.spark.place import beside_the_script
from computes.executors.spark.program import program_argv, spark_part
from computes.machines.contract import Machine


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a program finds where it runs: paths as it sees them, and the variables that the place itself gives.

    `share` is the project's folder that is kept between runs, with a slash at its end, or empty; `ivy` is where Spark
    keeps packages between runs, or empty.
    """

    interpreter: str
    run_folder: str
    code: str
    in_run: str
    environment: Mapping[str, str]
    share: str = ""
    ivy: str = ""


MakeProgram = Callable[[ExecutionRequest, Surroundings, list[str]], dict[str, Any]]


def specification_of(
    request: ExecutionRequest,
    machine: Machine,
    run_folder: str,
    in_run: str,
    program: MakeProgram,
    interpreter: str = "",
) -> dict[str, Any]:
    """Return the content of spec.json of a process on a machine; the interpreter is looked for unless it was found.

    Raises StartFailed as `specification_in` does.
    """
    settings = request.address.settings
    surroundings = Surroundings(
        interpreter=interpreter or find_interpreter(machine, settings.python_location),
        run_folder=run_folder,
        code=f"{run_folder}/code",
        in_run=in_run,
        environment=machine.environment(),
        share=share_folder_of(request, machine) if settings.native_shared_directory else "",
        ivy=f"{ivy_folder_of(request, machine)}/ivy" if request.framework == Framework.PYSPARK else "",
    )
    return specification_in(request, surroundings, program)


def specification_in(
    request: ExecutionRequest, surroundings: Surroundings, program: MakeProgram | None = None
) -> dict[str, Any]:
    """Return the content of spec.json. Raises StartFailed for what no operating system can be given.

    `program` says what is started, where that is not the script's interpreter or a Spark beside it.
    """
    script = [script_argument(request.script), *request.arguments]
    environment = environment_of(request, surroundings)
    for argument in script:
        check_text(argument, f"The argument {argument[:80]!r}")
    for name, value in [*environment.items(), *request.secrets.items()]:
        check_variable(name, value)
    return {
        **(program or program_of)(request, surroundings, script),
        "environment": environment,
        "secret_names": sorted(request.secrets),
        "working_folder": surroundings.code,
        "time_limit_seconds": request.limits.time_limit_seconds,
        "grace_seconds": request.limits.grace_seconds,
        "log_cap_bytes": request.limits.log_cap_bytes,
        "free_space_floor_bytes": request.limits.free_space_floor_bytes,
    }


def program_of(request: ExecutionRequest, surroundings: Surroundings, script: list[str]) -> dict[str, Any]:
    """Return the program that the supervisor starts: the script's interpreter, or what becomes spark-submit."""
    if request.framework == Framework.PYTHON:
        return {"argv": [surroundings.interpreter, *script]}
    place = beside_the_script(surroundings.run_folder, request.address.run_id, surroundings.ivy)
    location = request.address.settings.spark_submit_location
    return {
        "argv": program_argv(surroundings.interpreter, surroundings.in_run),
        "spark": spark_part(script, location, request.spark, place),
    }


def to_bytes(value: Mapping[str, Any]) -> bytes:
    """Return the JSON that the supervisor reads: pure ASCII, whatever its locale."""
    return json.dumps(value, ensure_ascii=True).encode("ascii")


def environment_of(request: ExecutionRequest, surroundings: Surroundings) -> dict[str, str]:
    """Return the program's variables without its secrets: the place's few, the target's, the run's, ours."""
    settings = request.address.settings
    environment = {"PYTHONUNBUFFERED": "1", **surroundings.environment, **settings.environment, **request.environment}
    users_own = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = f"{users_own}:{surroundings.in_run}" if users_own else surroundings.in_run
    environment["AMLWEB_RUN_ID"] = request.address.run_id
    environment["AMLWEB_RUN_FOLDER"] = surroundings.run_folder
    environment["AMLWEB_METRICS"] = f"{surroundings.run_folder}/metrics.jsonl"
    environment["AMLWEB_OUTPUTS"] = f"{surroundings.code}/outputs"
    if surroundings.share:
        environment["AZUREML_NATIVE_SHARE_DIRECTORY"] = surroundings.share
    return environment


def share_folder_of(request: ExecutionRequest, machine: Machine) -> str:
    """Return the project's folder that is kept between runs, with a slash at its end, and make it."""
    require_plain_name(request.project)
    base = machine.expand(request.address.settings.native_shared_directory).rstrip("/")
    if not base.startswith("/"):
        raise StartFailed(
            f"nativeSharedDirectory is {base!r}, which is not an absolute path.",
            "Let an administrator set nativeSharedDirectory of the target to an absolute path or one that begins "
            "with ~.",
        )
    machine.make_folder(f"{base}/{request.project}")
    return f"{base}/{request.project}/"


def ivy_folder_of(request: ExecutionRequest, machine: Machine) -> str:
    """Return the project's folder for Spark's packages below the work folder, and make it. Projects share none: what
    one has put there would run in another's Java."""
    require_plain_name(request.project)
    path = f"{machine.expand(request.address.settings.work_folder)}/spark/{request.project}"
    machine.make_folder(path)
    return path


def require_plain_name(project: str) -> None:
    """Raise StartFailed for a project whose name cannot be a folder."""
    if project in ("", ".", "..") or "/" in project or "\0" in project:
        raise StartFailed(f"The project's name {project!r} cannot be a folder.", "Give the project a plain short name.")


def find_interpreter(machine: Machine, location: str) -> str:
    """Return the interpreter's absolute path."""
    found = machine.find_program(location)
    if found is None:
        raise interpreter_not_found(location)
    return found


def interpreter_not_found(location: str) -> InterpreterNotFound:
    """Return the error that names the key to change."""
    return InterpreterNotFound(
        f"The Python interpreter {location!r} was not found on the target, or it cannot be executed.",
        "Set pythonLocation of the compute target to a Python 3 that exists there: a name in PATH or an absolute path.",
    )


def script_argument(script: str) -> str:
    """Return the script as the interpreter is given it: a name that begins with a dash must not become an option."""
    return f"./{script}" if script.startswith("-") else script


def check_text(text: str, what: str) -> None:
    """Raise StartFailed for text that cannot be handed to a program."""
    if "\0" in text:
        raise StartFailed(f"{what} holds a NUL character.", "Remove the NUL character; no program can receive it.")
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise StartFailed(f"{what} holds half a character (a lone surrogate).", "Type the text again.") from error


def check_variable(name: str, value: str) -> None:
    """Raise StartFailed for an environment variable that cannot be set. The value is not shown: it may be secret."""
    if not name or "=" in name:
        raise StartFailed(
            f"{name!r} cannot be the name of an environment variable.", "Use letters, digits and underscores."
        )
    check_text(name, f"The name of the environment variable {name[:80]!r}")
    check_text(value, f"The value of the environment variable {name[:80]}")

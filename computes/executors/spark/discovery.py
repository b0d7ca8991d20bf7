"""Asking a place whether it has Spark and Java, by the very code that looks for them when a run starts."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from computes.errors import PreparationFailed
from computes.executors.plain_text import plain
from computes.in_run.amlweb_spark import finding
from computes.machines.contract import Machine

SECONDS = 30.0
NAMED = ("PATH", "HOME", "PYTHONPATH", "SPARK_HOME", "JAVA_HOME")
SOURCE = Path(finding.__file__).read_text(encoding="utf-8")


def question(interpreter: str, location: str, *, with_versions: bool = False) -> list[str]:
    """Return the command that looks for Spark and Java and prints what it found."""
    return [interpreter, "-c", SOURCE, location, *(["versions"] if with_versions else [])]


def what_counts(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that say where Spark and Java are; they hold no secrets."""
    return {name: environment[name] for name in NAMED if name in environment}


def answer_in(output: str, interpreter: str) -> dict[str, str]:
    """Return what was found, as short plain texts. Raises PreparationFailed for an interpreter that does not answer."""
    try:
        said: Any = json.loads(output.splitlines()[-1])
        return {str(name): plain(value) for name, value in said.items()}
    except (ValueError, LookupError, AttributeError) as error:
        last = output.strip().splitlines()[-1][:300] if output.strip() else "it printed nothing"
        raise PreparationFailed(
            f"{interpreter} does not answer when it is asked for Spark: {last}",
            "Set pythonLocation of the compute target to a working Python 3.6 or newer.",
        ) from error


def require(found: Mapping[str, str]) -> None:
    """Raise PreparationFailed, in the words of the finder, where Spark or Java is missing."""
    if found.get("problem"):
        raise PreparationFailed(found["problem"], found.get("remedy", ""))


def ask_machine(
    machine: Machine, interpreter: str, location: str, environment: Mapping[str, str], *, with_versions: bool = False
) -> dict[str, str]:
    """Return what a machine has for scripts of an interpreter."""
    argv = question(interpreter, location, with_versions=with_versions)
    result = machine.run(argv, environment=environment, deadline_seconds=SECONDS)
    return answer_in((result.output or result.errors).decode(errors="replace"), interpreter)

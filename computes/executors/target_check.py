"""The itemised check of a target that runs Python processes."""

from collections.abc import Iterator

from computes.contract import CheckItem, TargetSettings
from computes.executors.disk_check import check_disks
from computes.executors.findings import Finding, timed
from computes.executors.gpu_check import check_gpus
from computes.executors.interpreter import ask_interpreter
from computes.executors.spark.checking import check_spark
from computes.executors.spark.discovery import ask_machine, what_counts
from computes.executors.specification import find_interpreter
from computes.machines.contract import Machine

OLDEST_PYTHON = (3, 6)


def check_target(machine: Machine, settings: TargetSettings) -> Iterator[CheckItem]:
    """Yield each finding as soon as it is known."""
    yield from check_disks(machine, settings)
    yield timed("Interpreter", lambda: check_interpreter(machine, settings))
    if settings.cluster is None:
        yield timed("GPUs", lambda: check_gpus(machine))
    yield from check_spark(lambda: find_spark(machine, settings))


def check_interpreter(machine: Machine, settings: TargetSettings) -> Finding:
    """The Python that scripts run with is there and new enough."""
    interpreter = find_interpreter(machine, settings.python_location)
    environment = {**machine.environment(), **settings.environment}
    said = ask_interpreter(machine, interpreter, environment)
    detail = f"{said['implementation']} {said['version']} at {interpreter}, {len(said['packages'])} packages."
    ok = tuple(int(part) for part in said["version"].split(".")[:2]) >= OLDEST_PYTHON
    return ok, detail, "" if ok else "Set pythonLocation of the compute target to Python 3.6 or newer."


def find_spark(machine: Machine, settings: TargetSettings) -> dict[str, str]:
    """Return what the machine has of Spark and Java for the Python that the target names."""
    environment = what_counts({**machine.environment(), **settings.environment})
    interpreter = find_interpreter(machine, settings.python_location)
    return ask_machine(machine, interpreter, settings.spark_submit_location, environment, with_versions=True)

"""The itemised check of a target that runs Python processes."""

import time
from collections.abc import Callable, Iterator
from uuid import uuid4

from computes.contract import CheckItem, TargetSettings
from computes.errors import TargetError
from computes.executors.interpreter import ask_interpreter
from computes.executors.spark.checking import check_spark
from computes.executors.spark.discovery import ask_machine, what_counts
from computes.executors.specification import find_interpreter
from computes.machines.contract import Machine
from computes.supervisor import BOOT
from computes.work_folder import MARKER, WorkFolder

FREE_BYTES_WANTED = 1024**3
OLDEST_PYTHON = (3, 6)
LOCK_PROGRAM = """
import fcntl, os, sys
path = sys.argv[1]
first = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
second = os.open(path, os.O_RDWR)
fcntl.flock(first, fcntl.LOCK_EX)
try:
    fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
    print("shared")
except BlockingIOError:
    print("locked")
finally:
    os.unlink(path)
"""
Finding = tuple[bool, str, str]


def check_target(machine: Machine, settings: TargetSettings) -> Iterator[CheckItem]:
    """Yield each finding as soon as it is known."""
    checks: list[tuple[str, Callable[[Machine, TargetSettings], Finding]]] = [
        ("Work folder", check_work_folder),
        ("Free disk", check_free_disk),
        ("File locks", check_file_locks),
        ("Interpreter", check_interpreter),
        ("Supervisor", check_supervisor),
    ]
    if settings.native_shared_directory:
        checks.append(("Shared directory", check_shared_directory))
    for name, check in checks:
        began = time.monotonic()
        try:
            ok, detail, remedy = check(machine, settings)
        except TargetError as error:
            ok, detail, remedy = False, error.text, error.remedy
        yield CheckItem(name, ok, detail, "" if ok else remedy, round((time.monotonic() - began) * 1000, 1))
    yield from check_spark(lambda: find_spark(machine, settings))


def check_work_folder(machine: Machine, settings: TargetSettings) -> Finding:
    """The folder can be written."""
    folder = WorkFolder(machine, settings)
    machine.make_folder(folder.path)
    machine.write(f"{folder.path}/.check", b"amlweb\n")
    is_marked = bool(machine.read(f"{folder.path}/{MARKER}", 0, 1))
    mark = "carries our mark" if is_marked else "gets our mark with its first run"
    return True, f"{folder.path} can be written and {mark}.", ""


def check_free_disk(machine: Machine, settings: TargetSettings) -> Finding:
    """Some space is left."""
    free = machine.free_bytes(WorkFolder(machine, settings).path)
    remedy = "Free disk space, or set the work folder to a larger disk."
    return free >= FREE_BYTES_WANTED, f"{free / 1024**3:.1f} GiB are free.", remedy


def check_file_locks(machine: Machine, settings: TargetSettings) -> Finding:
    """The work folder's disk keeps locks: they tell whether a run is alive."""
    path = f"{WorkFolder(machine, settings).path}/.lock-{uuid4().hex}"
    argv = [machine.interpreter(), "-I", "-S", "-c", LOCK_PROGRAM, path]
    result = machine.run(argv, environment=machine.environment(), deadline_seconds=10)
    said = result.output.decode(errors="replace").strip()
    if said == "locked":
        return True, "A file is locked by one process at a time.", ""
    reason = said or result.errors.decode(errors="replace").strip()[-200:]
    return False, f"Locks do not hold on this disk ({reason}).", "Use a local disk for the work folder, not a share."


def check_interpreter(machine: Machine, settings: TargetSettings) -> Finding:
    """The Python that scripts run with is there and new enough."""
    interpreter = find_interpreter(machine, settings.python_location)
    environment = {**machine.environment(), **settings.environment}
    said = ask_interpreter(machine, interpreter, environment)
    detail = f"{said['implementation']} {said['version']} at {interpreter}, {len(said['packages'])} packages."
    version = tuple(int(part) for part in said["version"].split(".")[:2])
    return version >= OLDEST_PYTHON, detail, "Set pythonLocation of the compute target to Python 3.6 or newer."


def find_spark(machine: Machine, settings: TargetSettings) -> dict[str, str]:
    """Return what the machine has of Spark and Java for the Python that the target names."""
    environment = what_counts({**machine.environment(), **settings.environment})
    interpreter = find_interpreter(machine, settings.python_location)
    return ask_machine(machine, interpreter, settings.spark_submit_location, environment, with_versions=True)


def check_supervisor(machine: Machine, settings: TargetSettings) -> Finding:
    """The supervisor can be placed and answers."""
    folder = WorkFolder(machine, settings)
    run_folder = f"{folder.path}/runs/check-{uuid4().hex}"
    argv = [machine.interpreter(), "-I", "-S", "-c", BOOT, folder.supervisor(), "status", run_folder]
    result = machine.run(argv, environment=machine.environment(), deadline_seconds=10)
    if result.code == 0 and b'"absent"' in result.output:
        return True, "The supervisor starts and answers.", ""
    said = result.errors.decode(errors="replace").strip()[-300:]
    return False, f"The supervisor does not start: {said}", "Python 3.6 or newer with its standard library is needed."


def check_shared_directory(machine: Machine, settings: TargetSettings) -> Finding:
    """The folder that is kept between runs can be written."""
    path = machine.expand(settings.native_shared_directory)
    if not path.startswith("/"):
        return False, f"{path!r} is not an absolute path.", "Set nativeSharedDirectory to an absolute path."
    machine.make_folder(path)
    machine.write(f"{path.rstrip('/')}/.amlweb-check", b"amlweb\n")
    return True, f"{path} can be written.", ""

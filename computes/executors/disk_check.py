"""The check of the folders that a target has for us: the work folder with what we need of its disk, the shared one."""

from collections.abc import Callable, Iterator
from uuid import uuid4

from computes.contract import CheckItem, TargetSettings
from computes.environments.folder_place import FolderPlace
from computes.errors import TargetError, TransferFailed
from computes.executors.environment_check import check_environments
from computes.executors.findings import Finding, timed
from computes.machines.contract import Machine
from computes.supervisor import BOOT
from computes.work_folder import MARKER, WorkFolder

FREE_BYTES_WANTED = 1024**3
NOT_SHARED = "nativeSharedDirectory needs a mounted folder, but sharedVolumes is false."
NOT_SHARED_REMEDY = "Set sharedVolumes of the target to true, or leave nativeSharedDirectory empty."
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
MOUNT_PROGRAM = "import os, sys; print('noexec' if os.statvfs(sys.argv[1]).f_flag & os.ST_NOEXEC else 'exec')"


def check_disks(machine: Machine, settings: TargetSettings) -> Iterator[CheckItem]:
    """Yield each finding as soon as it is known. Without a work folder, what would be in it is not looked at."""
    checks: list[tuple[str, Callable[[Machine, TargetSettings], Finding]]] = [
        ("Free disk", check_free_disk),
        ("File locks", check_file_locks),
        ("Supervisor", check_supervisor),
    ]
    if settings.container is None and not settings.user_managed_environment:
        checks += [("Programs", check_programs), ("Environments", check_prefixes)]
    found = timed("Work folder", lambda: check_work_folder(machine, settings))
    yield found
    for name, check in checks if found.ok else ():
        yield timed(name, lambda check=check: check(machine, settings))  # type: ignore[misc]
    if settings.native_shared_directory:
        yield timed("Shared directory", lambda: check_shared_directory(machine, settings))


def check_work_folder(machine: Machine, settings: TargetSettings) -> Finding:
    """The folder can be written."""
    folder = WorkFolder(machine, settings)
    try:
        machine.make_folder(folder.path)
        machine.write(f"{folder.path}/.check", b"amlweb\n")
    except TransferFailed as error:
        return False, error.text, elsewhere(settings)
    is_marked = bool(machine.read(f"{folder.path}/{MARKER}", 0, 1))
    mark = "carries our mark" if is_marked else "gets our mark with its first run"
    return True, f"{folder.path} can be written and {mark}.", ""


def elsewhere(settings: TargetSettings) -> str:
    """Return what to do when the work folder cannot be made where it should be."""
    account = settings.ssh.username if settings.ssh else "the server's account"
    owner = settings.ssh.username if settings.ssh else "ACCOUNT"
    return (
        f"Set the work folder of the target to one that {account} can write, for example after: "
        f"sudo install -d -m 0700 -o {owner} /var/lib/amlweb-runs"
    )


def check_free_disk(machine: Machine, settings: TargetSettings) -> Finding:
    """Some space is left."""
    free = machine.free_bytes(WorkFolder(machine, settings).path)
    ok = free >= FREE_BYTES_WANTED
    remedy = "" if ok else "Free disk space, or set the work folder to a larger disk."
    return ok, f"{free / 1024**3:.1f} GiB are free.", remedy


def check_file_locks(machine: Machine, settings: TargetSettings) -> Finding:
    """The work folder's disk keeps locks: they tell whether a run is alive."""
    path = f"{WorkFolder(machine, settings).path}/.lock-{uuid4().hex}"
    said, errors = answer_of(machine, LOCK_PROGRAM, path)
    if said == "locked":
        return True, "A file is locked by one process at a time.", ""
    reason = said or errors[-200:]
    return False, f"Locks do not hold on this disk ({reason}).", "Use a local disk for the work folder, not a share."


def check_programs(machine: Machine, settings: TargetSettings) -> Finding:
    """Programs can be run from the work folder: prepared environments are there."""
    path = WorkFolder(machine, settings).path
    said, errors = answer_of(machine, MOUNT_PROGRAM, path)
    if said == "exec":
        return True, "Programs can be run from the work folder.", ""
    if said != "noexec":
        raise TargetError(f"The disk of {path} could not be looked at: {errors[-200:]}", "Check the target's disk.")
    return (
        False,
        f"The disk of {path} is mounted noexec: no prepared environment can run there.",
        "Set the work folder to another disk, or mount this one anew: sudo mount -o remount,exec and its mount point. "
        "Scripts that use the Python that is there need neither.",
    )


def check_prefixes(machine: Machine, settings: TargetSettings) -> Finding:
    """The environments that were prepared are in the work folder."""
    return check_environments(settings, FolderPlace(machine, settings.work_folder, "").is_complete)


def answer_of(machine: Machine, program: str, path: str) -> tuple[str, str]:
    """Run a few lines of Python about a path on the machine; return what they print, and their errors."""
    argv = [machine.interpreter(), "-I", "-S", "-c", program, path]
    result = machine.run(argv, environment=machine.environment(), deadline_seconds=10)
    return result.output.decode(errors="replace").strip(), result.errors.decode(errors="replace").strip()


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
    """The folder that is kept between runs can be written, and reaches containers."""
    if settings.container is not None and not settings.container.is_shared:
        return False, NOT_SHARED, NOT_SHARED_REMEDY
    path = machine.expand(settings.native_shared_directory)
    if not path.startswith("/"):
        return False, f"{path!r} is not an absolute path.", "Set nativeSharedDirectory to an absolute path."
    machine.make_folder(path)
    machine.write(f"{path.rstrip('/')}/.amlweb-check", b"amlweb\n")
    return True, f"{path} can be written.", ""

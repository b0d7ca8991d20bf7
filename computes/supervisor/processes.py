"""Processes as the kernel shows them: identity, descendants, signals, ends for want of memory."""

import os
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PR_SET_CHILD_SUBREAPER = 36


def boot_id() -> str:
    """Return the identity of the machine's present boot."""
    with open("/proc/sys/kernel/random/boot_id") as file:
        return file.read().strip()


def process_facts(pid: int) -> "tuple[str, int, int] | None":
    """Return (state letter, parent, start ticks), or None when there is no such process."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            fields = file.read().rsplit(b")", 1)[1].split()
    except (OSError, IndexError):
        return None
    return fields[0].decode(), int(fields[1]), int(fields[19])


def is_the_process(pid: int, ticks: int, boot: str) -> bool:
    """Whether the very process still lives: pid, start ticks and boot id agree, and it is no zombie.

    They may come from a record that a script wrote over: what is no number names no process.
    """
    if not isinstance(pid, int) or not pid or boot != boot_id():
        return False
    facts = process_facts(pid)
    return facts is not None and facts[2] == ticks and facts[0] not in "ZX"


def is_program_alive(state: "dict[str, Any]") -> bool:
    """Whether the program of a state record lives."""
    return is_the_process(state.get("pid", 0), state.get("ticks", 0), state.get("boot_id", ""))


def all_pids() -> "list[int]":
    """Return the pids that are there now."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def descendants(root: int) -> "list[int]":
    """Return every living process below `root`, zombies left out."""
    children = {}  # type: dict[int, list[int]]
    zombies = set()
    for pid in all_pids():
        facts = process_facts(pid)
        if facts is not None:
            children.setdefault(facts[1], []).append(pid)
            if facts[0] in "ZX":
                zombies.add(pid)
    found = []  # type: list[int]
    pending = [root]
    while pending:
        below = children.get(pending.pop(), [])
        pending.extend(below)
        found.extend(pid for pid in below if pid not in zombies)
    return found


def processes_of_run(folder: str) -> "list[int]":
    """Return every process that carries the run folder in its environment, this one left out."""
    cookie = b"AMLWEB_RUN_FOLDER=" + os.fsencode(folder)
    found = []
    for pid in all_pids():
        try:
            with open("/proc/%d/environ" % pid, "rb") as file:
                if pid != os.getpid() and cookie in file.read().split(b"\0"):
                    found.append(pid)
        except OSError:
            continue
    return found


def signal_process(pid: int, number: int) -> None:
    """Send a signal; a process that is gone or not ours is left alone."""
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def signal_group(group: int, number: int) -> None:
    """Send a signal to a process group; one that is gone or not ours is left alone."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


def adopt_orphans() -> bool:
    """Become the parent of every process that the program orphans, so that daemons can be found and ended."""
    prctl = load_prctl()
    return prctl is not None and bool(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)


@lru_cache(None)
def load_prctl() -> "Any":
    """Return the C library's prctl, None where there is none. What is loaded before a fork costs no time after it."""
    try:
        import ctypes  # noqa: PLC0415 - some Pythons are built without it

        return ctypes.CDLL(None).prctl
    except (ImportError, OSError, AttributeError):
        return None


def count_oom_kills(of_group: bool = False) -> int:
    """Return how many processes of our memory group the kernel ended for want of memory (cgroup v1, v2, machine).

    `of_group`: never take the count of the whole machine.
    """
    for candidate in memory_group_files() + ([] if of_group else ["/proc/vmstat"]):
        try:
            with open(candidate) as file:
                for line in file:
                    if line.startswith("oom_kill "):
                        return int(line.split()[1])
        except (OSError, ValueError):
            continue
    return 0


def memory_group_files() -> "list[str]":
    """Return where the kernel may keep our group's counter. In a container our group is the root of what is mounted."""
    found = []
    try:
        with open("/proc/self/cgroup") as file:
            for line in file:
                _, controllers, path = line.rstrip("\n").split(":", 2)
                if "memory" in controllers.split(","):
                    root, name = "/sys/fs/cgroup/memory", "/memory.oom_control"
                elif controllers == "":
                    root, name = "/sys/fs/cgroup", "/memory.events"
                else:
                    continue
                found += [root + path + name, root + name]
    except (OSError, ValueError):
        return []
    return found

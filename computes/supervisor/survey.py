"""survey: what an installation keeps in a work folder, and which processes belong to its runs. Changes nothing."""

import os
import time

from .blobs import MARKER
from .keeping import facts_of, kept_in, listed, size_below
from .locks import supervisor_of
from .look import status
from .processes import all_pids, is_the_process, process_facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

COOKIE = b"AMLWEB_RUN_FOLDER="
BLOB_AGES_DAYS = (1, 7, 30)
MOST_LISTED = 2000


def survey(work: str, installation: str, seconds: float) -> "dict[str, Any]":
    """Look at everything of an installation in a work folder. Sizes are measured for so long; then they are None.

    Answers surveyed, or unmarked where the installation's mark is not in the folder: then nothing is known.
    """
    if not is_marked(work, installation):
        return {"answer": "unmarked"}
    deadline = time.monotonic() + seconds
    return {
        "answer": "surveyed",
        "runs": [
            facts_of_run(work, name, paths, deadline)
            for name, paths in sorted(folders_of_runs(work, installation).items())
        ],
        "processes": processes_of(work, installation),
        "environments": environments_of(work, installation),
        "blobs": blobs_of(work, deadline),
        "python_bytes": size_below(os.path.join(work, "python"), deadline),
        "free_bytes": free_bytes(work),
    }


def is_marked(work: str, installation: str) -> bool:
    """Whether the installation has worked in this folder."""
    try:
        with open(os.path.join(work, MARKER), "rb") as file:
            return installation.encode("ascii") in file.read(1 << 16).split()
    except (FileNotFoundError, NotADirectoryError):
        return False


def folders_of_runs(work: str, installation: str) -> "dict[str, list[str]]":
    """Return for each run the path of its folder and of what was placed to become that."""
    found = {}  # type: dict[str, list[str]]
    for entry in listed(os.path.join(work, "runs")):
        name = entry[1:].rpartition("-")[0] if entry[:1] == "." else entry
        if name.startswith("%s-" % installation) and (name in found or len(found) < MOST_LISTED):
            found.setdefault(name, []).append(os.path.join(work, "runs", entry))
    return found


def facts_of_run(work: str, name: str, paths: "list[str]", deadline: float) -> "dict[str, Any]":
    """Return what is there of a run: since when (UTC seconds), its size, and how it is by its records."""
    sizes = [size_below(path, deadline) for path in paths]
    found = [facts.st_mtime for facts in map(facts_of, paths) if facts is not None]  # it may go while we look
    return {
        "name": name,
        "since": min(found or [time.time()]),
        "bytes": None if None in sizes else sum(size or 0 for size in sizes),
        "condition": condition_of(os.path.join(work, "runs", name)),
    }


def condition_of(folder: str) -> str:
    """Return how a run is by its records; "unknown" where a script has damaged them."""
    try:
        return str(status(folder)["answer"])
    except (OSError, LookupError, TypeError, ValueError, AttributeError):
        return "unknown"


def processes_of(work: str, installation: str) -> "list[dict[str, Any]]":
    """Return the processes with the mark of a run in their environment, and the supervisors that live."""
    found = [facts for pid in all_pids() for facts in marked_process(pid, work, installation)]
    for name in listed(os.path.join(work, "locks")):
        supervisor = supervisor_of(os.path.join(work, "runs", name)) if name.startswith("%s-" % installation) else None
        if supervisor is not None and is_the_process(supervisor[0], supervisor[1], supervisor[2]):
            found.append(process(supervisor[0], name, "supervisor"))
    return sorted(found, key=lambda facts: (facts["name"], facts["pid"]))[:MOST_LISTED]


def marked_process(pid: int, work: str, installation: str) -> "Iterator[dict[str, Any]]":
    """Yield a process whose environment names a run folder of the installation in this work folder."""
    begin = COOKIE + os.fsencode(os.path.join(work, "runs", "%s-" % installation))
    try:
        with open("/proc/%d/environ" % pid, "rb") as file:
            marks = [word for word in file.read().split(b"\0") if word.startswith(begin)]
        with open("/proc/%d/comm" % pid, "rb") as file:
            words = file.read().decode("utf-8", "replace").strip()
    except OSError:
        return
    if marks and pid != os.getpid():
        yield process(pid, os.path.basename(os.fsdecode(marks[0][len(COOKIE) :])), words)


def process(pid: int, name: str, words: str) -> "dict[str, Any]":
    """Return a process with the moment of its start in UTC seconds."""
    facts = process_facts(pid)
    return {"pid": pid, "name": name, "words": words, "since": started_at(facts[2]) if facts else time.time()}


def started_at(ticks: int) -> float:
    """Return when a process was started, by the time of the boot."""
    with open("/proc/stat") as file:
        boot = next((int(line.split()[1]) for line in file if line.startswith("btime ")), 0)
    return boot + ticks / float(os.sysconf("SC_CLK_TCK"))


def environments_of(work: str, installation: str) -> "list[dict[str, Any]]":
    """Return the environments that the installation has in folders here, by what their line of state says."""
    found = []
    states = os.path.join(work, "env", ".states")
    for name in listed(states):
        path = os.path.join(states, name)
        try:
            with open(path, "rb") as file:
                words = file.read(1024).decode("utf-8", "replace").split()
            since = os.stat(path).st_mtime
        except OSError:
            continue
        if words[1:2] == [installation]:
            found.append({"hash": name, "state": words[0], "since": since})
    return found[:MOST_LISTED]


def blobs_of(work: str, deadline: float) -> "dict[str, Any]":
    """Return how much is kept between runs, and how much of it nobody has wanted for some days."""
    files, total, now = 0, 0, time.time()
    old = dict.fromkeys(BLOB_AGES_DAYS, 0)
    for wanted_at, size, _ in kept_in(work, deadline):
        files, total = files + 1, total + size
        for days in BLOB_AGES_DAYS:
            old[days] += size if now - wanted_at > days * 86400 else 0
        if time.monotonic() > deadline:
            return {"files": files, "bytes": total, "older": {}, "is_whole": False}
    return {"files": files, "bytes": total, "older": {str(days): size for days, size in old.items()}, "is_whole": True}


def free_bytes(work: str) -> int:
    """Return what an ordinary account may still write there."""
    disk = os.statvfs(work)
    return disk.f_bavail * disk.f_frsize

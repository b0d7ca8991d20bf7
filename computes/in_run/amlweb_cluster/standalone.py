"""What the master of a Spark cluster of its own says: its page gives JSON."""

from .json_over_http import ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MASTER = "spark://"
ALIVE = "ALIVE"
PORT = "8080"


def pages_of(master: str, port: str) -> "list[str]":
    """Return the addresses of the pages of each master that a spark:// address names; the port is another one."""
    hosts = [place.rsplit(":", 1)[0] for place in master[len(MASTER) :].split(",")]
    return ["http://%s:%s/json/" % (host, port) for host in hosts]


def master_at(pages: "list[str]") -> "dict[str, Any]":
    """Return what the master that is at work says. Raises OSError when none answers."""
    trouble = OSError("no master is at work")
    for page in pages:
        try:
            said = ask(page)
        except OSError as error:
            trouble = error
            continue
        if isinstance(said, dict) and said.get("status") == ALIVE:
            return said
    raise trouble


def state_of(said: "dict[str, Any]", application: str) -> str:
    """Return the master's word for an application: WAITING, RUNNING, FINISHED, FAILED, KILLED; empty if unknown.

    FINISHED says nothing of how it ended: measured with Spark 4.3 for exit code 7, TERM and KILL alike.
    """
    for name in ("activeapps", "completedapps"):
        for found in said.get(name) or []:
            if found.get("id") == application:
                return str(found.get("state", ""))
    return ""


def workers_in(said: "dict[str, Any]") -> "list[dict[str, Any]]":
    """Return the workers that are alive."""
    return [worker for worker in said.get("workers") or [] if worker.get("state") == ALIVE]

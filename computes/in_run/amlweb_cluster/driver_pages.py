"""What a driver says of its application through Spark's REST interface, which is behind its pages."""

from urllib.parse import quote

from .json_over_http import ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DRIVER = "driver"
RUNNING = "RUNNING"
SECONDS = 30.0  # the first answer of a driver is slow: 20 s on cores that are busy


class DriverPages:
    """The pages of one driver on this machine."""

    def __init__(self, port: int) -> None:
        self.address = "http://127.0.0.1:%d/api/v1/applications" % port

    def application(self) -> str:
        """Return the id of the application; empty before it has one. Raises OSError."""
        found = ask(self.address, SECONDS)
        return str(found[0]["id"]) if isinstance(found, list) and found else ""

    def progress(self, application: str) -> "dict[str, Any]":
        """Return stages and tasks so far, and whether the application waits for executors. Raises OSError."""
        place = "%s/%s" % (self.address, quote(application, safe=""))
        facts = progress_of(ask(place + "/jobs", SECONDS))
        is_busy = facts.pop("is_busy")
        facts["has_no_executor"] = bool(is_busy) and not has_executors(ask(place + "/executors", SECONDS))
        return facts


def progress_of(jobs: "Any") -> "dict[str, int]":
    """Return the sums over all jobs. Raises OSError for an answer that is not Spark's."""
    sums = {"stages": 0, "stages_done": 0, "tasks": 0, "tasks_done": 0, "is_busy": 0}
    try:
        for job in jobs:
            sums["stages"] += len(job["stageIds"])
            sums["stages_done"] += job["numCompletedStages"] + job.get("numSkippedStages", 0)
            sums["tasks"] += job["numTasks"]
            sums["tasks_done"] += job["numCompletedTasks"] + job.get("numSkippedTasks", 0)
            sums["is_busy"] |= job["status"] == RUNNING
    except (LookupError, TypeError) as error:
        raise OSError("these are not the jobs of an application: %r" % error) from error
    return sums


def has_executors(executors: "Any") -> bool:
    """Return whether any but the driver is there. Raises OSError for an answer that is not Spark's."""
    try:
        return any(found["id"] != DRIVER for found in executors)
    except (LookupError, TypeError) as error:
        raise OSError("these are not the executors of an application: %r" % error) from error

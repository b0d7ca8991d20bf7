"""A batch as Livy describes it. Livy is not trusted to keep its own form."""

from dataclasses import dataclass
from typing import Any

from computes.executors.plain_text import plain
from computes.page_addresses import page_address

WAITING = frozenset({"not_started", "starting", "recovering"})
WORKING = frozenset({"running", "idle", "busy", "shutting_down"})
ENDED = frozenset({"success", "dead", "error", "killed"})
MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch. `application` is YARN's id of it, empty as long as YARN has not taken it; addresses may be empty."""

    id: int
    name: str
    state: str
    application: str = ""
    driver_log: str = ""
    spark_page: str = ""
    lines: tuple[str, ...] = ()

    @property
    def is_waiting(self) -> bool:
        """Whether the cluster has not begun it yet."""
        return self.state in WAITING

    @property
    def has_ended(self) -> bool:
        """Whether Livy knows it to be over."""
        return self.state in ENDED


def batch_in(found: Any) -> Batch:
    """Return the batch that an answer describes. Raises ValueError, LookupError or TypeError for anything else."""
    number = found["id"]
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise ValueError("no id")
    links = found.get("appInfo")
    links = links if isinstance(links, dict) else {}
    lines = found.get("log")
    lines = lines[-MOST_LINES:] if isinstance(lines, list) else []
    return Batch(
        id=number,
        name=plain(found.get("name")),
        state=plain(found["state"]).lower(),
        application=plain(found.get("appId")),
        driver_log=page_address(links.get("driverLogUrl")),
        spark_page=page_address(links.get("sparkUiUrl")),
        lines=tuple(plain_line(line) for line in lines),
    )


def plain_line(line: object) -> str:
    """Return a line of Livy's log. Its headings begin with the end of a line, and Java's words with a tab."""
    return plain(line.strip("\n").expandtabs() if isinstance(line, str) else line)

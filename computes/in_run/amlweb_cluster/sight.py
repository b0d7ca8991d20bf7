"""What is known of a run's application, put together from the log, the driver's pages and the cluster."""

import os

from .cluster_word import word_of
from .driver_pages import DriverPages
from .log_signs import LogSigns
from .own_ports import listening_ports
from .record import note, write_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SCRATCH = "spark"
PORTS = 17  # Spark tries the port that it is told and the 16 after it
WAITING = ("SUBMITTED", "ACCEPTED", "WAITING", "NEW", "NEW_SAVING")
NO_EXECUTOR = (
    "The cluster has given it no executor yet: its cores or memory are taken, or more is asked for than one node has."
)


class Sight:
    """The watcher's knowledge. Nothing that it asks may fail the run: what does not answer stays unknown."""

    def __init__(self, folder: str, spec: "dict[str, Any]", driver: int) -> None:
        self.folder = folder
        self.driver = driver
        self.part_of_spec = spec["cluster"]
        self.signs = LogSigns(os.path.join(folder, "log"))
        self.word = word_of(self.part_of_spec, spec["secret_names"], os.path.join(folder, SCRATCH))
        self.facts = {"id": "", "state": "", "is_waiting": False, "why": ""}  # type: dict[str, Any]
        self.has_no_executor = False
        self.written = {}  # type: dict[str, Any]
        self.complained = set()  # type: set[str]

    def look(self) -> None:
        """Look everywhere once, and record what changed."""
        self.look_at_log()
        self.record()
        self.ask("the driver", self.look_at_driver)
        self.ask("the cluster", self.look_at_cluster)
        is_waiting = self.has_no_executor or self.facts["state"] in WAITING
        why = (self.signs.why or NO_EXECUTOR) if is_waiting else ""
        self.facts.update(is_waiting=is_waiting, why=why)
        self.record()

    def ask(self, whom: str, deed: "Any") -> None:
        """Do something that may fail; the first time of each kind is noted."""
        try:
            deed()
        except OSError as error:
            if whom not in self.complained and whom != "the driver":
                self.complained.add(whom)
                note(self.folder, "%s does not tell of the application: %s" % (whom, error))

    def look_at_log(self) -> None:
        """Read on in the log."""
        self.ask("the log", self.signs.read)
        self.facts["id"] = self.facts["id"] or self.signs.application
        self.facts["state"] = self.signs.state or self.facts["state"]

    def look_at_driver(self) -> None:
        """Ask the driver's pages for the progress."""
        port = self.signs.port or self.port_of_pages()
        if not port:
            return
        pages = DriverPages(port)
        self.facts["id"] = self.facts["id"] or pages.application()
        if not self.facts["id"]:
            return
        found = pages.progress(self.facts["id"])
        self.has_no_executor = found.pop("has_no_executor") and self.part_of_spec["has_executors"]
        self.facts.update(found, state="RUNNING")

    def port_of_pages(self) -> int:
        """Return the port of the driver's pages where the log does not say it: one of those that it was told."""
        first = self.part_of_spec["first_port"]
        return min(listening_ports(self.driver) & set(range(first, first + PORTS)), default=0)

    def look_at_cluster(self) -> None:
        """Ask the cluster for its own word."""
        if not self.facts["id"]:
            self.facts["id"] = self.word.find()
        if self.facts["id"]:
            self.facts["state"] = self.word.state(self.facts["id"], self.signs) or self.facts["state"]

    def is_gone(self) -> bool:
        """Return whether the cluster says that the application has ended. True where it cannot be asked."""
        if not self.facts["id"]:
            return True
        try:
            state = self.word.final_state(self.facts["id"])
        except OSError:
            return True
        self.facts["state"] = state or self.facts["state"]
        return state not in WAITING and state != "RUNNING"

    def part(self) -> None:
        """The driver has ended: leave the last word."""
        self.facts.update(is_waiting=False, why="")
        if self.facts["id"]:
            state = self.facts["state"] or "no word of the cluster"
            note(self.folder, "application %s: %s" % (self.facts["id"], state))
        self.record()

    def record(self) -> None:
        """Write what changed, once something is known."""
        if self.facts != self.written and (self.facts["id"] or self.facts["state"]):
            try:
                write_record(self.folder, self.facts)
            except OSError:
                return  # a full disk, or a run folder that is gone: the next look tries again
            self.written = dict(self.facts)

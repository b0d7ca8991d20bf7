"""Following an application until it is known how it ended: by the driver's record, by YARN's word, or by our wish."""

import json
import os
import time

from ..beats import latest_name, progress_in
from ..record import note, write_record
from ..sight import NO_EXECUTOR, WAITING
from .application import ENDED, NotFound
from .names import CANCEL, EXIT, has_begun, parts_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional

    from .application import Application
    from .arrivals import Arrivals
    from .names import Part
    from .storage import Storage

SLICE_SECONDS = 0.1
RUNNING = "RUNNING"


class Following:
    """One application. `pace` holds seconds:

    `look`: between looks into the storage, at least; a slow look is followed by a pause of twice its length, at most
    `longest`. `yarn`: between questions to YARN before the driver has begun. `quiet`: a driver that gave no sign for so
    long is asked for in YARN. `unknown`: for so long YARN may not know the application. `lost`: for so long the storage
    may be silent after YARN's last word. `margin`: over the grace of a script, before YARN ends it.
    """

    def __init__(
        self,
        folder: str,
        application: "Application",
        storage: "Storage",
        arrivals: "Arrivals",
        pace: "dict[str, float]",
    ) -> None:
        self.folder = folder
        self.application = application
        self.storage = storage
        self.arrivals = arrivals
        self.pace = pace
        self.heard = application.commands.heard
        self.names = []  # type: list[str]
        self.parts: "List[Part]" = []
        self.word = {"state": "", "final": "", "diagnostics": ""}
        self.since = {}  # type: dict[str, float]
        self.asked_at = 0.0
        self.sign = ""
        self.looks_after_end = 0
        self.complained = set()  # type: set[str]
        self.written: "Dict[str, Any]" = {}
        self.end_at: "Optional[float]" = None

    def follow(self, grace: "Callable[[], float]") -> None:
        """Return when the driver's record is there, when YARN's last word came without one, or when it is time to end
        the application because we are told to: a driver that has begun gets the grace first."""
        while True:
            began = time.monotonic()
            self.look()
            self.ask_yarn()
            self.record()
            if self.is_complete() or self.is_without_record():
                return
            if self.heard and not self.is_in_grace(grace):
                return
            took = time.monotonic() - began
            is_behind = "storage" not in self.since and self.is_behind()
            self.wait(0.0 if is_behind else min(max(self.pace["look"], 2 * took), self.pace["longest"]))

    def look(self) -> None:
        """Look into the storage and bring what is new."""
        try:
            self.names = self.storage.names()
            self.parts = parts_in(self.names)
            self.arrivals.take(self.parts)
            self.arrivals.remove_read(self.parts)
        except OSError as error:
            self.complain("storage", "the storage does not answer: %s" % error)
            self.since.setdefault("storage", time.monotonic())
            return
        self.since.pop("storage", None)
        sign = latest_name(self.names)
        if sign != self.sign:
            self.sign = sign
            self.since["sign"] = time.monotonic()
        if self.word["state"] in ENDED and EXIT not in self.names:
            self.looks_after_end += 1

    def is_behind(self) -> bool:
        """Whether something is known to be in the storage that has not come yet."""
        return bool(self.arrivals.next_of(self.parts))

    def is_complete(self) -> bool:
        """Whether the record is there and all else has come, or the storage has kept it back for long."""
        now = time.monotonic()
        is_silent = now - self.since.get("storage", now) >= self.pace["lost"]
        return EXIT in self.names and (is_silent or not self.is_behind())

    def ask_yarn(self) -> None:
        """Ask for YARN's word where the driver gives no sign itself."""
        now = time.monotonic()
        is_quiet = now - self.since.get("sign", 0.0) >= self.pace["quiet"]
        every = self.pace["quiet"] if has_begun(self.names) else self.pace["yarn"]
        if self.word["state"] in ENDED or EXIT in self.names or now - self.asked_at < every:
            return
        if has_begun(self.names) and not is_quiet:
            self.word["state"] = RUNNING
            self.since.pop("unknown", None)
            return
        self.asked_at = now
        try:
            self.word = self.application.status()
            self.since.pop("unknown", None)
        except NotFound as error:
            self.since.setdefault("unknown", now)
            self.complain("unknown", str(error))
        except OSError as error:
            self.complain("yarn", str(error))

    def is_without_record(self) -> bool:
        """Whether nothing more is to be waited for: YARN has said the last word, and two looks found no record."""
        now = time.monotonic()
        if EXIT in self.names:
            return False
        if self.word["state"] in ENDED:
            return self.looks_after_end >= 2 or now - self.since.get("storage", now) >= self.pace["lost"]
        return now - self.since.get("unknown", now) >= self.pace["unknown"] > 0

    def is_in_grace(self, grace: "Callable[[], float]") -> bool:
        """Whether the driver is given time to end its script: it is asked to when this is first wanted to be known."""
        if self.end_at is not None:
            return time.monotonic() < self.end_at
        return self.send_cancel(grace())

    def send_cancel(self, grace_seconds: float) -> bool:
        """Ask the driver to end its script in a grace; return whether there is a driver that can hear it."""
        if not has_begun(self.names) or EXIT in self.names or grace_seconds <= 0:
            return False
        try:
            self.storage.write(CANCEL, json.dumps({"grace_seconds": grace_seconds}).encode("ascii"))
        except OSError as error:
            self.complain("cancel", "the driver cannot be asked to end its script: %s" % error)
            return False
        note(self.folder, "the driver was asked to end its script, grace %g s" % grace_seconds)
        self.end_at = time.monotonic() + grace_seconds + self.pace["margin"]
        return True

    def wait(self, seconds: float) -> None:
        """Wait, but not once we are told to end."""
        deadline = time.monotonic() + seconds
        heard = len(self.heard)
        while time.monotonic() < deadline and len(self.heard) == heard:
            time.sleep(min(SLICE_SECONDS, max(deadline - time.monotonic(), 0.0)))

    def record(self) -> None:
        """Write what is known of the application for the run's page."""
        state = self.word["state"]
        is_waiting = state in WAITING
        why = self.word["diagnostics"] if is_waiting else ""
        facts = {"id": self.application.id, "state": state}  # type: Dict[str, Any]
        progress = progress_in(self.names) or {}
        if progress.pop("has_no_executor", False) and state == RUNNING and EXIT not in self.names:
            is_waiting, why = True, NO_EXECUTOR
        facts.update(progress, is_waiting=is_waiting, why=why[:300])
        if facts != self.written:
            try:
                write_record(self.folder, facts)
            except OSError as error:
                self.complain("record", "the state of the application could not be recorded: %s" % error)
                return
            self.written = facts

    def complain(self, what: str, text: str) -> None:
        """Note the first trouble of each kind."""
        if what not in self.complained:
            self.complained.add(what)
            note(self.folder, text)


def asked_grace(folder: str, margin: float, usual: float) -> float:
    """Return the script's grace: what a cancel names, without the margin that is added for us; else the usual."""
    try:
        with open(os.path.join(folder, "cancel"), encoding="ascii") as file:
            return max(float(json.load(file)["grace_seconds"]) - margin, 0.0)
    except (OSError, ValueError, LookupError, TypeError):
        return usual

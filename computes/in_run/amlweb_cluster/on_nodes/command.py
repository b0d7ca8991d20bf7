"""The follower's command line: from the run folder to YARN, and back."""

import json
import os
import signal
import sys
import time

from ..record import note
from ..sending import NOT_READY, make_what_is_sent
from .application import Application
from .arrivals import Arrivals
from .container_logs import bring_logs
from .ending import NOT_STARTED, UNKNOWN, WITHOUT_OUTPUTS, die_by, end_by_record, end_without_record, say, write_end
from .following import Following, asked_grace
from .names import EXIT, LOG, SECRETS
from .outputs import Damaged, bring
from .placing import files_for_driver
from .settle import BROUGHT, SCRATCH, mark, parts_of, settle
from .submission import submit
from .taking_up import end_path, known_application, mark_handed, mark_unhanded, was_handed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Union

    MadeReady = Callable[[str, "dict[str, Any]"], "Union[int, tuple[list[str], dict[str, str]]]"]

TIMES = 4
AGAIN_SECONDS = 1.0
SLICE_SECONDS = 0.1


def main(made_ready: "MadeReady") -> None:
    """Run a script on a node and end as it does. `made_ready` writes what spark-submit is told and returns its argv and
    environment, or an exit code after a word in the log. A signal ends the packing at once; later ones are heard, and
    the application is ended first. Where a follower of this run was killed, its application is taken up; one that was
    killed before it had handed over anything leaves all to be done again, unless the run's secrets went with it."""
    folder = os.environ["AMLWEB_RUN_FOLDER"]
    with open(os.path.join(folder, "spec.json"), encoding="ascii") as file:
        spec = json.load(file)
    secrets = {name: os.environ.pop(name) for name in spec["secret_names"] if name in os.environ}
    is_second = was_handed(folder)
    if not is_second and not spec["secret_names"]:
        mark_unhanded(folder)
    if not is_second and not make_what_is_sent(spec):
        sys.exit(NOT_READY)
    heard = []  # type: list[int]
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, frame: heard.append(number))
    if is_second:
        sys.exit(OnTheNodes(folder, spec, secrets, heard).take_up())
    ready = made_ready(folder, spec["spark"])
    if isinstance(ready, int):
        sys.exit(ready)
    sys.exit(OnTheNodes(folder, spec, secrets, heard).run(*ready))


class OnTheNodes:
    """One run."""

    def __init__(self, folder: str, spec: "dict[str, Any]", secrets: "dict[str, str]", heard: "list[int]") -> None:
        self.folder = folder
        self.scratch = os.path.join(folder, SCRATCH)
        self.spec = spec
        self.part = spec["cluster"]
        self.pace = self.part["pace"]
        self.secrets = secrets
        self.heard = heard
        self.application, self.storage = parts_of(folder, spec, os.environ, heard)

    def note(self, text: str) -> None:
        """Add a line to the system log."""
        note(self.folder, text)

    def again(self, deed: "Callable[[], Any]", what: str, seconds: float = 0.0) -> "Any":
        """Do something that may fail now and then; give up after some times and so many seconds, or when we are told to
        end."""
        heard = len(self.heard)
        times = TIMES
        give_up_at = time.monotonic() + seconds
        pause, said = AGAIN_SECONDS, ""
        while True:
            try:
                return deed()
            except OSError as error:
                if str(error) != said:
                    said = str(error)
                    self.note("%s failed: %s" % (what, said))
                times -= 1
                if (times <= 0 and time.monotonic() >= give_up_at) or len(self.heard) != heard:
                    raise
            go_on_at = time.monotonic() + pause
            while time.monotonic() < go_on_at and len(self.heard) == heard:
                time.sleep(SLICE_SECONDS)
            if times <= 0:
                pause = min(2 * pause, max(self.pace["longest"], AGAIN_SECONDS))

    def patience(self) -> float:
        """Return for how long silence is borne where it costs a result; a run that is to end has no time."""
        return 0.0 if self.heard else self.pace["lost"]

    def run(self, argv: "list[str]", environment: "dict[str, str]") -> int:
        """Do it all; return our exit code."""
        try:
            self.place()
        except OSError as error:
            say("the storage of the cluster did not take the run: %s" % error)
            return self.settled(NOT_STARTED)
        self.note("the run is placed in %s" % self.part["storage"])
        if self.heard:
            return self.settled(NOT_STARTED)
        try:
            mark_handed(self.folder)
            code, self.application.id = submit(argv, environment, self.heard)
        except OSError as error:
            say("%s could not be started: %s" % (argv[0], error))
            return self.settled(NOT_READY)
        if not self.is_taken(code):
            return self.settled_after_end(code or NOT_STARTED)
        return self.follow(self.application)

    def take_up(self) -> int:
        """Go on for a follower that was killed; return our exit code. Nothing is submitted again."""
        self.note("an earlier follower was killed; its application is taken up")
        self.application.id = known_application(self.folder)
        if not self.application.id and not self.is_found():
            return self.settled_after_end(NOT_STARTED)
        return self.follow(self.application)

    def is_found(self) -> bool:
        """Return whether YARN has the application: the spark-submit of the follower that was killed may be at it."""
        deadline = time.monotonic() + self.pace["unknown"]
        while not self.heard:
            try:
                if self.again(self.application.find, "looking for the application", self.patience()):
                    return True
            except OSError:
                break
            if time.monotonic() >= deadline:
                break
            time.sleep(AGAIN_SECONDS)
        say("the submission was broken off, and YARN has no application of this run.")
        return False

    def place(self) -> None:
        """Place what the driver needs. Secrets go straight into the storage, where it reads and removes them. Raises
        OSError."""
        files = files_for_driver(self.scratch, self.spec)
        self.again(self.storage.make, "making the run's folder in the storage")
        self.again(lambda: self.storage.place(files), "placing the run")
        for name in files:
            os.unlink(os.path.join(self.scratch, name))
        if self.secrets:
            data = json.dumps(self.secrets).encode("ascii")
            self.again(lambda: self.storage.hand(SECRETS, data), "placing the secrets")

    def is_taken(self, code: int) -> bool:
        """Return whether YARN has taken the application, whose id is then known. YARN's silence after a submission that
        ended well is borne as long as the storage's."""
        if self.application.id:
            return True
        found = "has no application of this run."
        try:
            seconds = 0.0 if code else self.patience()
            if self.again(self.application.find, "looking for the application", seconds):
                return True
        except OSError:
            found = "does not tell whether it has one of this run."
        if not self.heard:
            say("spark-submit ended with %d, and YARN %s" % (code, found))
        return False

    def follow(self, application: Application) -> int:
        """Follow the application; bring what it leaves; return our exit code."""
        self.note("the application is %s" % application.id)
        arrivals = Arrivals(self.folder, self.scratch, self.storage, self.part["driver"]["most_attempts"] == 1)
        try:
            arrivals.take_up()
        except OSError as error:
            say(str(error))
        following = Following(self.folder, application, self.storage, arrivals, self.pace)
        usual = self.part["driver"]["grace_seconds"]
        following.follow(lambda: asked_grace(self.folder, self.part["margin_seconds"], usual))
        record = self.record_in(following.names)
        if record is not None and record.get("log_bytes") != arrivals.positions[LOG]:
            say("the log is not complete: %d bytes of it have come" % arrivals.positions[LOG])
        is_complete = EXIT not in following.names or (record is not None and self.bring_outputs(following.names))
        has_ended = self.end(self.pace["final"] if record and not self.heard else 0.0)
        if has_ended:
            following.word = self.last_word(following.word)
        following.record()
        if has_ended and not self.heard:
            self.bring_container_logs(application)
        end = self.end_of(record, is_complete, following.word)
        if not self.heard:
            write_end(end_path(self.folder), end, float((record or {}).get("duration_seconds") or 0.0))
        if has_ended and is_complete:
            self.settled(0, is_last=record is not None)
        elif has_ended:
            say("what the driver left stays in %s until somebody removes it" % self.storage.address)
            mark(self.folder)
        if end[1] is not None:
            die_by(end[1])
        return end[0]

    def end_of(
        self, record: "dict[str, Any] | None", is_complete: bool, word: "dict[str, str]"
    ) -> "tuple[int, int | None]":
        """Return our exit code, and the signal to die by where the script did, after a word on what is neither."""
        if record is not None:
            code, number = end_by_record(record)
            return (code if is_complete or code else WITHOUT_OUTPUTS), number
        return (UNKNOWN, None) if self.heard else end_without_record(word, self.application.id)

    def bring_container_logs(self, application: Application) -> None:
        """Bring what the containers have printed, secrets starred out; a follower that took over does not know them."""
        if set(self.spec["secret_names"]) - set(self.secrets):
            self.note(
                "the logs of the containers are left out: the secrets to be starred out in them are not known now"
            )
            return
        top = os.path.join(self.folder, "code", "outputs")
        os.makedirs(top, exist_ok=True)
        logs = os.path.join(top, "%s.log" % application.id)
        bring_logs(application, logs, self.secrets.values(), self.pace["logs"], self.note)

    def record_in(self, names: "list[str]") -> "dict[str, Any] | None":
        """Return how the script ended by the driver's own record; None without a readable one."""
        if EXIT not in names:
            return None
        try:
            data = self.again(lambda: self.storage.read([EXIT]), "reading the record", self.patience())
            return dict(json.loads(data.decode("ascii")))
        except (OSError, ValueError, TypeError) as error:
            say("the driver's record cannot be read: %s" % error)
            return None

    def bring_outputs(self, names: "list[str]") -> bool:
        """Bring the outputs; return whether all are there that should be."""

        def deed() -> "list[str]":
            return bring(self.storage, self.scratch, self.folder, names)

        try:
            for line in self.again(deed, "bringing outputs", self.patience()):
                self.note(line)
            mark(self.folder, BROUGHT)
        except (OSError, Damaged) as error:
            say("the outputs could not be brought from the storage: %s" % error)
            return False
        return True

    def end(self, patience: float) -> bool:
        """Wait for YARN to say that the application has ended; then have it ended. Return whether it has."""
        deadline = time.monotonic() + patience
        try:
            while time.monotonic() < deadline and not self.heard and not self.application.has_ended():
                time.sleep(min(AGAIN_SECONDS, self.pace["look"]))
        except OSError as error:
            self.note(str(error))
        return self.application.end(self.note, time.monotonic() + self.part["margin_seconds"])

    def last_word(self, word: "dict[str, str]") -> "dict[str, str]":
        """Return YARN's last word, which its silence does not replace."""
        try:
            return self.application.status()
        except OSError:
            return word

    def settled_after_end(self, code: int) -> int:
        """Make sure that no application is there, and leave nothing behind; return a code."""
        if self.application.end(self.note, time.monotonic() + self.part["margin_seconds"]):
            return self.settled(code)
        return code

    def settled(self, code: int, is_last: bool = True) -> int:
        """Leave nothing behind in the storage; return a code. What stays is removed with the run folder."""
        try:
            self.again(lambda: settle(self.folder, self.storage, is_last), "removing the run from the storage")
        except OSError:
            return code
        return code

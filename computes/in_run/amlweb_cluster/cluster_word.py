"""Whom to ask on each kind of cluster what has become of an application."""

import os
import shutil
import subprocess
import time

from . import standalone, yarn
from .on_nodes.ticket import Ticket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence, Union

    from .log_signs import LogSigns

    Word = Union["NoWord", "MastersWord", "YarnsWord"]

YARN_SECONDS = 30.0
TAG_EVERY_SECONDS = 15.0


def word_of(part: "dict[str, Any]", hidden: "Sequence[str]", folder: str) -> "Word":
    """Return whom to ask. `hidden` are the variables that no other program is to see, `folder` is where a Kerberos
    ticket may be."""
    if part["master"].startswith(standalone.MASTER):
        return MastersWord(standalone.pages_of(part["master"], part["master_page"]))
    if part["master"] == "yarn":
        return YarnsWord(part["tag"], hidden, Ticket(part["principal"], part["keytab"], folder))
    return NoWord()


class NoWord:
    """A local master: the driver is all there is."""

    def find(self) -> str:
        """Nobody knows an id but the driver."""
        return ""

    def state(self, application: str, signs: "LogSigns") -> str:
        """Nobody has a word but the driver."""
        return ""

    def final_state(self, application: str) -> str:
        """It ended with its driver."""
        return "FINISHED"


class MastersWord:
    """Spark's own masters."""

    def __init__(self, pages: "list[str]") -> None:
        self.pages = pages

    def find(self) -> str:
        """The script may have named the application anew, so the master is not asked by name."""
        return ""

    def state(self, application: str, signs: "LogSigns") -> str:
        """Return the master's word. Raises OSError."""
        return self.final_state(application)

    def final_state(self, application: str) -> str:
        """Return the master's word. Raises OSError."""
        return standalone.state_of(standalone.master_at(self.pages), application)


class YarnsWord:
    """YARN, by its command, which takes seconds: while the driver lives, its log says the same."""

    def __init__(self, tag: str, hidden: "Sequence[str]", ticket: "Ticket") -> None:
        self.tag = tag
        self.ticket = ticket
        self.yarn = shutil.which("yarn")
        self.environment = {name: value for name, value in os.environ.items() if name not in hidden}
        self.asked_at = time.monotonic()

    def find(self) -> str:
        """Return the id of the application with our tag; empty while there is none. Raises OSError."""
        if time.monotonic() - self.asked_at < TAG_EVERY_SECONDS:
            return ""
        self.asked_at = time.monotonic()
        found = yarn.applications_in(self.ask(yarn.listing(self.program(), self.tag)))
        return found[-1] if found else ""

    def state(self, application: str, signs: "LogSigns") -> str:
        """Return YARN's latest word in the log."""
        return signs.state

    def final_state(self, application: str) -> str:
        """Return YARN's word. Raises OSError."""
        return yarn.status_in(self.ask(yarn.asking(self.program(), application)))["state"]

    def program(self) -> str:
        """Return the command of YARN. Raises OSError."""
        if self.yarn is None:
            raise OSError("there is no yarn program in PATH")
        return self.yarn

    def ask(self, argv: "list[str]") -> str:
        """Return what a command prints. Raises OSError."""
        environment = self.ticket.environment(self.environment)
        try:
            done = subprocess.run(
                argv,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=YARN_SECONDS,
                check=False,
            )
        except subprocess.SubprocessError as error:
            raise OSError("%s does not answer: %s" % (" ".join(argv[:3]), error)) from error
        return done.stdout.decode("utf-8", "replace")

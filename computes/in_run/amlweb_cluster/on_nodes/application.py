"""One application of YARN: found by its tag, asked for its state, ended for certain."""

import shutil
import time

from .. import yarn
from .commands import Commands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

ASK_SECONDS = 30.0
ENDED = ("FINISHED", "FAILED", "KILLED")
UNKNOWN = "doesn't exist in RM"
TABLE = "Total number of applications"
AGAIN_SECONDS = 1.0
LOOKS_FOR_NONE = 2  # an application that was handed over in this moment may be listed in the next


class NotFound(OSError):
    """YARN answers, and knows no such application."""


class Application:
    """What YARN knows of a run. The id is empty until it is known."""

    def __init__(self, tag: str, commands: Commands) -> None:
        self.tag = tag
        self.id = ""
        self.commands = commands
        self.program = shutil.which("yarn", path=commands.environment.get("PATH")) or "yarn"

    def find(self) -> bool:
        """Look for the application by its tag; return whether there is one. Raises OSError where YARN does not tell."""
        said = self.commands.words(yarn.listing(self.program, self.tag), ASK_SECONDS)
        found = yarn.applications_in(said)
        if not found and TABLE not in said:
            raise OSError("YARN lists no applications: %s" % last_line(said))
        self.id = found[-1] if found else self.id
        return bool(found)

    def status(self) -> "dict[str, str]":
        """Return state, final and diagnostics. Raises NotFound, and OSError where YARN does not tell."""
        said = self.commands.words(yarn.asking(self.program, self.id), ASK_SECONDS)
        found = yarn.status_in(said)
        if found["state"]:
            return found
        if UNKNOWN in said:
            raise NotFound("YARN does not know %s" % self.id)
        raise OSError("YARN does not tell of %s: %s" % (self.id, last_line(said)))

    def end(self, note: "Callable[[str], None]", deadline: float) -> bool:
        """Have YARN end the application; return whether it says at last that none of ours is there or alive.

        It is looked for by its tag where its id is not known. `deadline` is a monotonic time.
        """
        looks = LOOKS_FOR_NONE
        complained = ""
        while True:
            try:
                if not self.id and not self.find():
                    looks -= 1
                    if looks <= 0:
                        note("YARN has no application with the tag %s" % self.tag)
                        return True
                elif self.id and self.has_ended():
                    note("YARN says that %s has ended" % self.id)
                    return True
                elif self.id:
                    note("asking YARN to end %s" % self.id)
                    self.commands.words(yarn.killing(self.program, self.id), ASK_SECONDS)
                    if self.has_ended():
                        note("YARN says that %s has ended" % self.id)
                        return True
            except OSError as error:
                if str(error) != complained:
                    complained = str(error)
                    note("the application could not be ended yet: %s" % error)
            if time.monotonic() >= deadline:
                return False
            time.sleep(AGAIN_SECONDS)

    def has_ended(self) -> bool:
        """Whether YARN says that it has ended, or knows it no more. Raises OSError where it does not tell."""
        try:
            return self.status()["state"] in ENDED
        except NotFound:
            return True


def last_line(text: str) -> str:
    """Return the last line that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "silence"

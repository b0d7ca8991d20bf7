"""A Kerberos ticket for the cluster's commands, where the target has a keytab: spark-submit uses that by itself, `hdfs`
and `yarn` want a ticket."""

import os
import shutil
import subprocess
import time

from .commands import CommandFailed, last_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Mapping

VARIABLE = "KRB5CCNAME"
FILE = "ticket"
RENEW_SECONDS = 3600.0
KINIT_SECONDS = 30


class Ticket:
    """The ticket of one run, in a file of its own that is gone with the run folder."""

    def __init__(self, principal: str, keytab: str, folder: str) -> None:
        self.principal = principal
        self.keytab = keytab
        self.cache = "FILE:%s" % os.path.join(folder, FILE)
        self.got_at = None  # type: float | None

    def environment(self, environment: "Mapping[str, str]") -> "dict[str, str]":
        """Return the variables of a command, with a ticket that is younger than an hour. Raises CommandFailed."""
        found = dict(environment)
        if not self.keytab:
            return found
        found[VARIABLE] = self.cache
        now = time.monotonic()
        if self.got_at is None or now - self.got_at >= RENEW_SECONDS:
            self.ask(found)
            self.got_at = now
        return found

    def ask(self, environment: "dict[str, str]") -> None:
        """Have kinit get a ticket."""
        program = shutil.which("kinit", path=environment.get("PATH")) or "kinit"
        try:
            done = subprocess.run(
                [program, "-k", "-t", self.keytab, self.principal],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=KINIT_SECONDS,
                start_new_session=True,
                check=False,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise CommandFailed("kinit gives no ticket: %s" % error) from error
        if done.returncode != 0:
            raise CommandFailed("kinit gives no ticket: %s" % last_words(done.stdout))

"""Running the cluster's commands: by argv, with a deadline, and with an end to what they may print."""

import os
import signal
import subprocess
import tempfile
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Mapping, Optional, Sequence

TICK_SECONDS = 0.05
MOST_BYTES = 512 * 1024**2
LONGEST_WORDS = 500


class CommandFailed(OSError):
    """A command did not do what it was asked; `said` is all that it printed."""

    def __init__(self, text: str, said: str = "") -> None:
        OSError.__init__(self, text)
        self.said = said


class Commands:
    """Commands of one run. They are sessions of their own: what ends the run does not end the command that ends the
    application. `heard` grows with each signal; a command that was under way then is not waited for. `logged_in` adds
    to the environment what a command needs to be let in."""

    def __init__(
        self,
        environment: "Mapping[str, str]",
        folder: str,
        heard: "list[int]",
        logged_in: "Callable[[Mapping[str, str]], dict[str, str]]" = dict,
    ) -> None:
        self.environment = dict(environment)
        self.logged_in = logged_in
        self.folder = folder
        self.heard = heard

    def output(self, argv: "Sequence[str]", seconds: float, given: bytes = b"") -> bytes:
        """Return what a command prints on its standard output. Raises CommandFailed also for its exit code."""
        code, printed, said = self.run(argv, seconds, given)
        if code != 0:
            raise CommandFailed(
                "%s ended with %s: %s" % (named(argv), code, last_words(said or printed)), text_of(said)
            )
        return printed

    def words(self, argv: "Sequence[str]", seconds: float) -> str:
        """Return all that a command prints, whatever its exit code. Raises CommandFailed for silence."""
        _, printed, said = self.run(argv, seconds)
        return text_of(printed) + text_of(said)

    def run(
        self, argv: "Sequence[str]", seconds: float, given: bytes = b"", most_bytes: int = MOST_BYTES
    ) -> "tuple[Optional[int], bytes, bytes]":
        """Return (exit code, output, errors); the code is None where the output was cut at `most_bytes`.

        Raises CommandFailed where it cannot be started or does not end in time.
        """
        environment = self.logged_in(self.environment)
        heard_before = len(self.heard)
        deadline = time.monotonic() + seconds
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as source:
            source.write(given)
            source.seek(0)
            try:
                process = subprocess.Popen(
                    list(argv),
                    env=environment,
                    cwd=self.folder,
                    stdin=source,
                    stdout=out,
                    stderr=err,
                    start_new_session=True,
                )
            except OSError as error:
                raise CommandFailed("%s could not be started: %s" % (argv[0], error)) from error
            is_cut = False
            try:
                while process.poll() is None:
                    if os.fstat(out.fileno()).st_size + os.fstat(err.fileno()).st_size > most_bytes:
                        is_cut = True
                        break
                    if len(self.heard) != heard_before:
                        raise CommandFailed("%s is not waited for: the run is to end" % named(argv))
                    if time.monotonic() >= deadline:
                        raise CommandFailed("%s did not answer in %g s" % (named(argv), seconds))
                    time.sleep(TICK_SECONDS)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
            out.seek(0)
            err.seek(0)
            return (None if is_cut else process.returncode), out.read(most_bytes), err.read(1 << 20)


def named(argv: "Sequence[str]") -> str:
    """Return the first words of a command."""
    return " ".join([os.path.basename(argv[0]), *argv[1:4]])


def text_of(data: bytes) -> str:
    """Return what a command printed as text."""
    return data.decode("utf-8", "replace")


def last_words(data: bytes) -> str:
    """Return the last line that says something."""
    lines = [line.strip() for line in text_of(data).splitlines() if line.strip()]
    return lines[-1][:LONGEST_WORDS] if lines else "silence"

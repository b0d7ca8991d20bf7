"""The child between fork and exec: it becomes the user's program."""

import errno
import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DEFAULTS = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGPIPE", "SIGXFSZ")


def run_program(spec: "dict[str, Any]", secrets: "dict[str, str]", log: int, gate: int, complaints: int) -> None:
    """Become the program once a byte comes through the gate: own session, clean signals, the log as both streams.

    Never returns. What goes wrong before the program runs is written to `complaints` as "STAGE ERRNO"; that pipe
    closes by itself when the program runs.
    """
    stage = "spec"
    try:
        os.setsid()
        os.dup2(log, 1)
        os.dup2(log, 2)
        for name in DEFAULTS:
            signal.signal(getattr(signal, name), signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        raise_oom_score()
        environment = {encode(name): encode(value) for name, value in spec["environment"].items()}
        environment.update((encode(name), encode(value)) for name, value in secrets.items())
        arguments = [encode(argument) for argument in spec["argv"]]
        if os.read(gate, 1) != b"g":
            os._exit(125)
        stage = "working_folder"
        os.chdir(encode(spec["working_folder"]))
        stage = "program"
        os.execve(arguments[0], arguments, environment)  # noqa: S606 - an argv list is the point
    except OSError as error:
        os.write(complaints, ("%s %d" % (stage, error.errno or 0)).encode("ascii"))
    except (ValueError, LookupError, TypeError, AttributeError):
        os.write(complaints, ("%s %d" % (stage, errno.EINVAL)).encode("ascii"))
    finally:
        os._exit(126)


def raise_oom_score() -> None:
    """Let the kernel take the program rather than us when memory runs out. Harmless where it is not permitted."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("500")
    except OSError:
        return


def encode(text: str) -> bytes:
    """Return the bytes that the kernel is given; surrogates stand for bytes that are not UTF-8."""
    return text.encode("utf-8", "surrogateescape")

"""Starting runs on this machine through a process that has loaded the supervisor and forks it for each."""

import atexit
import os
import select
import subprocess
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

import computes
from computes.errors import TargetError, TargetUnreachable
from computes.machines.os_errors import explain, overdue
from computes.supervisor import BOOT
from computes.supervisor.account import account_environment
from computes.supervisor.frames import BrokenFrame, Frames

ANSWER_SECONDS = 60.0
CODE = str(Path(computes.__file__).parent)


class Launcher:
    """One such process. It ends by itself when it has had nothing to do for some seconds, or when we end."""

    def __init__(self, interpreter: str) -> None:
        self.interpreter = interpreter
        self.process = subprocess.Popen(
            [interpreter, "-I", "-S", "-c", BOOT, CODE, "launcher"],
            env=account_environment(),
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def start(self, run_folder: str) -> dict[str, Any] | None:
        """Return the answer to a start, None when this process has ended. Raises TargetUnreachable at the deadline."""
        process = self.process
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the launcher has no pipes")
        try:
            frames = Frames(process.stdout, process.stdin)
            frames.send({"folder": run_folder})
            if not select.select([process.stdout], [], [], ANSWER_SECONDS)[0]:
                raise overdue(self.interpreter, ANSWER_SECONDS)
            answer = frames.receive()
        except (BrokenPipeError, BrokenFrame):
            return None
        return None if answer is None else answer[0]

    def close(self) -> None:
        """End it. A start that it is at has a process of its own by then, or is found not to have begun."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        self.process.wait()


class Launchers:
    """The launcher of this process, made when it is needed: never that of the process that we were forked from."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.kept: dict[int, Launcher] = {}

    def start(self, interpreter: str, run_folder: str) -> dict[str, Any]:
        """Start a run that was placed; return the supervisor's answer. Raises TargetError.

        Where the launcher has ended meanwhile another one is asked: two starts of a run are one.
        """
        with self.lock:
            for _ in range(3):
                try:
                    answer = self.of_ours(interpreter).start(run_folder)
                except OSError as error:
                    raise explain(error, f"run {interpreter}") from error
                except TargetUnreachable:
                    self.close()
                    raise
                if answer is not None:
                    return checked(answer)
                self.close()
        raise TargetError(
            f"The supervisor did not work on the target: {interpreter} ended without an answer.",
            "Run the target's check; it tries the same step by step.",
        )

    def of_ours(self, interpreter: str) -> Launcher:
        """Return the launcher that this process has, or a new one."""
        known = self.kept.get(os.getpid())
        if known is not None and known.interpreter == interpreter and known.process.poll() is None:
            return known
        self.close()
        made = self.kept[os.getpid()] = Launcher(interpreter)
        return made

    def close(self) -> None:
        """End the launcher that this process has."""
        if (known := self.kept.pop(os.getpid(), None)) is not None:
            known.close()


def checked(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of the supervisor. Raises the error of ours for trouble on the way."""
    if "trouble" in answer:
        number, text, name = answer["trouble"]
        raise explain(OSError(number or 0, text, name), "start the run")
    if "nonsense" in answer:
        raise TargetError(
            f"The supervisor did not work on the target: {answer['nonsense']}",
            "Run the target's check; it tries the same step by step.",
        )
    return answer


LAUNCHERS = Launchers()
atexit.register(LAUNCHERS.close)

"""Reads a request from the standard input, does one piece of work, writes the result where told and ends at once."""

import asyncio
import ctypes
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from computes.environments.solver.linking import link
from computes.environments.solver.needs import unmet_needs
from computes.environments.solver.pixi import pixi
from computes.environments.solver.result import write_result
from computes.environments.solver.solving import solve

Work = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
WORKS: dict[str, Work] = {"solve": solve, "link": link, "needs": unmet_needs, "pixi": pixi}
PR_SET_PDEATHSIG = 1


def main(work: str, result: int) -> None:
    """Do the work; an error of rattler, a panic among them, is a result too."""
    request = json.load(sys.stdin)
    try:
        answer = asyncio.run(_within(WORKS[work]({**request, "result": result}), request["timeout_seconds"]))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - panics of Rust are no Exception
        answer = {"error": str(error) or repr(error), "type": type(error).__name__}
    write_result(result, answer)


async def _within(work: Awaitable[dict[str, Any]], seconds: float) -> dict[str, Any]:
    return await asyncio.wait_for(work, seconds)


def end_with_parent() -> None:
    """Let the kernel end this process when the one that waits for its result is gone."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    code = 1
    try:
        end_with_parent()
        main(sys.argv[1], int(sys.argv[2]))
        code = 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

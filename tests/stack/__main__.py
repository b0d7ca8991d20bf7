"""`python -m tests.stack`: what uses a database on SQLite and beside it on PostgreSQL and Redis, then all the rest.

Missing parts are installed on Debian and Ubuntu; elsewhere it says what is missing and what is therefore left out. With
CI=true a missing part is an error. Words on the command line go to pytest.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tests.stack.parts import CHROMIUM, PARTS, POSTGRES, REDIS, provide
from tests.stack.postgres import postgres
from tests.stack.redis import redis

NO_TESTS = 5  # pytest's exit code


@dataclass(frozen=True)
class Pass:
    """One run of pytest over a part of the tests, with variables of its own."""

    title: str
    options: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def run_one_by_one(passes: Sequence[Pass], words: list[str], output: BinaryIO | None) -> int:
    """Run passes one after the other and return the largest exit code. What they print goes to `output`, or straight
    on where that is None."""
    return max(run(one, words, output) for one in passes)


def run(one: Pass, words: list[str], output: BinaryIO | None) -> int:
    """Run a pass, say how long it took, and return its exit code."""
    say(f"== tests: {one.title}", output)
    began = time.monotonic()
    inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    argv = [sys.executable, "-m", "pytest", "-q", *one.options, *words]
    environment = {**inherited, **one.environment}
    code = subprocess.run(argv, env=environment, cwd=Path.cwd(), stdout=output, stderr=output, check=False).returncode
    say(f"== tests: {one.title}: exit code {code} after {time.monotonic() - began:.0f} s", output)
    return 0 if code == NO_TESTS and words else code


def say(line: str, output: BinaryIO | None) -> None:
    """Print a line, or write it where a pass prints."""
    if output is None:
        print(line, flush=True)
    else:
        output.write(f"{line}\n".encode())
        output.flush()


def main(words: list[str]) -> int:
    """Run the passes in two rows side by side, because much of each is waiting for processes that start; return the
    exit code. The second row's output is printed at the end."""
    missing = provide(PARTS)
    if missing and os.environ.get("CI") == "true":
        print("CI needs every part.", file=sys.stderr)
        return 1
    if CHROMIUM in missing:
        words = [*words, "-m", "not browser"]
    rests = [Pass(f"without a database, {half}", ("--without-database", half)) for half in ("odd", "even")]
    first = [Pass("on SQLite", ("--only-with-database",)), rests[0]]
    second = [rests[1]]
    with ExitStack() as stack:
        if not {POSTGRES, REDIS} & set(missing):
            addresses = {
                "DATABASE_URL": stack.enter_context(postgres()),
                "REDIS_URL": stack.enter_context(redis()),
            }
            options = ("--only-with-database", "--leave-out-one-database")
            second.insert(0, Pass("on PostgreSQL and Redis", options, addresses))
        output = stack.enter_context(tempfile.TemporaryFile())
        pool = stack.enter_context(ThreadPoolExecutor(1))
        beside = pool.submit(run_one_by_one, second, words, output)
        codes = [run_one_by_one(first, words, None), beside.result()]
        output.seek(0)
        shutil.copyfileobj(output, sys.stdout.buffer)
        sys.stdout.flush()
        return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

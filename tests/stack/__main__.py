"""`python -m tests.stack`: every test on SQLite, and beside it what uses a database on PostgreSQL and Redis.

Missing parts are installed on Debian and Ubuntu; elsewhere it says what is missing and what is therefore left out. With
CI=true a missing part is an error. Words on the command line go to pytest.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tests.stack.parts import CHROMIUM, POSTGRES, REDIS, can_install, install, missing_parts
from tests.stack.postgres import postgres
from tests.stack.redis import redis

NO_TESTS = 5  # pytest's exit code


def find_what_is_left_out() -> list[str]:
    """Install what is missing where that is possible; return the names of the parts that are still missing."""
    missing = missing_parts()
    if missing and can_install():
        install(missing)
        missing = missing_parts()
    for part in missing:
        print(f"Missing: {part.name} (Debian package {part.package}). Left out: {part.left_out}.", flush=True)
    return [part.name for part in missing]


@dataclass
class Pass:
    """One run of pytest that is under way. What it prints goes to `output`, or straight on where that is None."""

    title: str
    words: list[str]
    began: float
    process: subprocess.Popen[bytes]
    output: BinaryIO | None

    def end(self) -> int:
        """Wait for its end, say what it printed and how long it took, and return its exit code."""
        code = self.process.wait()
        if self.output:
            self.output.seek(0)
            shutil.copyfileobj(self.output, sys.stdout.buffer)
            sys.stdout.flush()
        print(f"== tests on {self.title}: exit code {code} after {time.monotonic() - self.began:.0f} s", flush=True)
        return 0 if code == NO_TESTS and self.words else code


def begin(title: str, words: list[str], output: BinaryIO | None = None, **environment: str) -> Pass:
    """Start pytest."""
    print(f"== tests on {title}", flush=True)
    inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    argv = [sys.executable, "-m", "pytest", "-q", *words]
    process = subprocess.Popen(argv, env={**inherited, **environment}, cwd=Path.cwd(), stdout=output, stderr=output)
    return Pass(title, words, time.monotonic(), process, output)


def main(words: list[str]) -> int:
    """Run both passes side by side and return the exit code: much of each is waiting for processes that start."""
    missing = find_what_is_left_out()
    if missing and os.environ.get("CI") == "true":
        print("CI needs every part.", file=sys.stderr)
        return 1
    if CHROMIUM.name in missing:
        words = [*words, "-m", "not browser"]
    with ExitStack() as servers:
        passes = [begin("SQLite", words)]
        if not {POSTGRES.name, REDIS.name} & set(missing):
            addresses = {
                "DATABASE_URL": servers.enter_context(postgres()),
                "REDIS_URL": servers.enter_context(redis()),
            }
            output = servers.enter_context(tempfile.TemporaryFile())
            passes.append(begin("PostgreSQL and Redis", ["--only-with-database", *words], output, **addresses))
        return max(one.end() for one in passes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

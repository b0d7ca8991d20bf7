"""`python -m tests.stack`: every test, first on SQLite, then what uses a database on PostgreSQL and Redis.

Missing parts are installed on Debian and Ubuntu; elsewhere it says what is missing and what is therefore left out. With
CI=true a missing part is an error. Words on the command line go to pytest.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.stack.parts import CHROMIUM, POSTGRES, REDIS, install, is_debian_like, missing_parts
from tests.stack.postgres import postgres
from tests.stack.redis import redis

NO_TESTS = 5  # pytest's exit code


def find_what_is_left_out() -> list[str]:
    """Install what is missing where that is possible; return the names of the parts that are still missing."""
    missing = missing_parts()
    if missing and is_debian_like():
        install(missing)
        missing = missing_parts()
    for part in missing:
        print(f"Missing: {part.name} (Debian package {part.package}). Left out: {part.left_out}.", flush=True)
    return [part.name for part in missing]


def run_pass(title: str, words: list[str], **environment: str) -> int:
    """Run pytest once, say how long it took, and return its exit code."""
    began = time.monotonic()
    print(f"== tests on {title}", flush=True)
    inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    argv = [sys.executable, "-m", "pytest", "-q", *words]
    code = subprocess.run(argv, env={**inherited, **environment}, cwd=Path.cwd(), check=False).returncode
    print(f"== tests on {title}: exit code {code} after {time.monotonic() - began:.0f} s", flush=True)
    return 0 if code == NO_TESTS and words else code


def main(words: list[str]) -> int:
    """Run both passes and return the exit code."""
    missing = find_what_is_left_out()
    if missing and os.environ.get("CI") == "true":
        print("CI needs every part.", file=sys.stderr)
        return 1
    if CHROMIUM.name in missing:
        words = [*words, "-m", "not browser"]
    codes = [run_pass("SQLite", words)]
    if not {POSTGRES.name, REDIS.name} & set(missing):
        with postgres() as database_url, redis() as redis_url:
            addresses = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
            codes.append(run_pass("PostgreSQL and Redis", ["--only-with-database", *words], **addresses))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

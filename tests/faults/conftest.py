"""A folder of scripts that misbehave or count, for whole installations whose processes are killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack.system import System, running_system

SCRIPTS = {
    "hello.py": "import sys\nprint('hello', *sys.argv[1:])\n",
    "count.py": """
import os, sys, time
lines, pause = int(sys.argv[1]), float(sys.argv[2])
began = time.monotonic()
for number in range(lines):
    print(f"line {number} é " + "x" * (number % 50), flush=True)
    time.sleep(pause)
while sys.argv[3:] and not os.path.exists(sys.argv[3]) and time.monotonic() < began + 120:
    time.sleep(0.05)
open("outputs/done.txt", "w").write(str(lines))
""",
    "stubborn.py": """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
""",
    "secret.py": """
import os, time
for number in range(60):
    print(number, os.environ["TOKEN"], flush=True)
    time.sleep(0.05)
""",
}


def counted(lines: int) -> bytes:
    """Return what count.py prints. With a file as its third argument it does not end before that is there."""
    return b"".join(f"line {number} é {'x' * (number % 50)}\n".encode() for number in range(lines))


@pytest.fixture(scope="session")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts as a folder."""
    folder = tmp_path_factory.mktemp("code")
    for name, text in SCRIPTS.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def shared_system(code: Path) -> Iterator[System]:
    """A whole running installation for all tests of a file that kill none of it and take nothing away."""
    with running_system(code) as installation:
        yield installation


@pytest.fixture
def system(code: Path) -> Iterator[System]:
    """A whole running installation of this test's own."""
    with running_system(code) as installation:
        yield installation

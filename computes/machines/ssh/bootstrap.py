"""Starting the supervisor's `serve` on a host about which nothing is known but that we may log in.

The login shell may be any and may print what it likes: it is given one line of a form that sh, csh and fish read alike,
and what it prints before our greeting is put aside. The code goes in through the channel, so neither SFTP nor a home
that can be written is needed. No user text is ever on that line.
"""

import json
import secrets
import shlex
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import computes.supervisor
from computes.errors import NoPython, TargetUnreachable
from computes.machines.ssh.agent import Agent, Wire

START_SECONDS = 30.0
MOST_CHATTER_BYTES = 256 * 1024
NOWHERE = "/nonexistent"
NO_PYTHON = "amlweb-found-no-python"
NAMES = ("python3", *(f"python3.{minor}" for minor in range(16, 5, -1)), "python")
FOLDERS = (
    "/usr/bin",
    "/usr/local/bin",
    "/opt/conda/bin",
    "/anaconda/bin",
    "$HOME/miniconda3/bin",
    "$HOME/anaconda3/bin",
)
PLACES = " ".join(f'"{place}"' for place in [*NAMES, *(f"{folder}/python3" for folder in FOLDERS)])
PROBE = "import sys; sys.exit(sys.version_info < (3, 6))"
LOADER = "import sys; stream = sys.stdin.buffer; exec(stream.read(int(stream.readline())))"
OWN_HOME = 'case $own in "~/"*) own=$HOME/${own#"~/"};; esac; '
OWN = '"$own"/*/bin/python3'
SCRIPT = (
    f"IFS= read -r own; {OWN_HOME}"
    'test -n "$LANG$LC_ALL$LC_CTYPE" || { LANG=C.UTF-8; export LANG; }; '
    f"for python in {PLACES} {OWN}; do "
    f'if "$python" -I -S -c "{PROBE}" </dev/null >/dev/null 2>&1; then exec "$python" -I -S -c "{LOADER}"; fi; '
    f"done; echo {NO_PYTHON}"
)
COMMAND = shlex.join(["/bin/sh", "-c", SCRIPT])


@dataclass(frozen=True, slots=True)
class Greeting:
    """What was heard until the supervisor greeted: the text that a login shell printed before."""

    chatter: str


@lru_cache
def supervisor_texts() -> tuple[str, bytes]:
    """Return the loader's text, and all modules of the supervisor as JSON."""
    folder = Path(computes.supervisor.__file__).parent
    texts = {f"supervisor.{path.stem}": path.read_text() for path in sorted(folder.glob("*.py"))}
    texts["supervisor"] = texts.pop("supervisor.__init__")
    return texts["supervisor.from_memory"], json.dumps(texts).encode("ascii")


def line_for_shell(python_folder: str) -> bytes:
    """Return what SCRIPT reads: the folder that Pythons of ours are in."""
    return f"{python_folder or NOWHERE}\n".encode(errors="surrogateescape")


def program_for(greeting: str) -> bytes:
    """Return what goes through the channel to the Python: each part behind its length."""
    loader, texts = supervisor_texts()
    code = f"{loader}\nserve_from(stream, {greeting!r})\n".encode("ascii")
    return b"%d\n" % len(code) + code + b"%d\n" % len(texts) + texts


def greet(wire: Wire, seconds: float = START_SECONDS) -> tuple[Agent, Greeting]:
    """Start the supervisor behind a wire on which COMMAND was started and has its line.

    Raises NoPython and TargetUnreachable: a shell that runs no commands, or no answer in time.
    """
    greeting = f"amlweb-{secrets.token_hex(12)}\n"
    agent = Agent(wire)
    with agent.within(seconds):
        agent.write(program_for(greeting))
        heard = agent.read_until(greeting.encode(), NO_PYTHON.encode(), MOST_CHATTER_BYTES)
    chatter = heard.decode(errors="replace").strip()
    if heard.endswith(greeting.encode()):
        return agent, Greeting(chatter.removesuffix(greeting.strip()).strip())
    agent.close()
    raise no_greeting(chatter)


def no_greeting(chatter: str) -> TargetUnreachable:
    """Return the error for a host on which the supervisor did not start."""
    if chatter.endswith(NO_PYTHON):
        return NoPython(
            "No Python 3.6 or newer was found on the host for the supervisor.",
            "Switch user-managed environment off and run a project that has conda dependencies: with its environment "
            "amlweb brings a Python of its own. Or install one, for example: sudo apt-get install -y python3",
        )
    said = f"It said: {chatter[-300:]!r}." if chatter else "It said nothing."
    return TargetUnreachable(
        f"The login shell runs no commands for us. {said}",
        "Give the account an ordinary login shell (sudo chsh -s /bin/sh ACCOUNT), and remove ForceCommand or an exit "
        "from its start files.",
    )

"""Scripts of ours on a host of which nothing is known but that it has a POSIX shell.

Like the line that starts the supervisor, a script is one line that sh, csh and fish read alike: without a single quote,
a backslash, an exclamation mark or a line break. What is not ours, a path for example, comes as a line of its input and
never stands in it. What a login shell prints by itself is put aside.
"""

import secrets
import shlex
from collections.abc import Iterable, Sequence

import paramiko

from computes.errors import TargetUnreachable
from computes.machines.ssh.agent import Agent
from computes.machines.ssh.channels import open_channel

MOST_BYTES = 1 << 20
BEGIN = 'IFS= read -r mark; exec 2>&1; echo "$mark begun"; '
END = '; if test $? = 0; then echo "$mark ended"; else echo "$mark failed"; fi'


def run_script(
    transport: paramiko.Transport, script: str, words: Sequence[str], pieces: Iterable[bytes], seconds: float
) -> tuple[bool, str]:
    """Return whether a script ended well, and what it printed. `words` are the first lines of its input, `pieces` the
    rest, which it has to read to the end also where it fails.

    `seconds` may pass without a sign of the host. Raises TargetUnreachable, and what `pieces` raises.
    """
    if any("\n" in word for word in words):
        raise ValueError("a word is one line")
    mark = f"amlweb-{secrets.token_hex(12)}"
    agent = Agent(channel := open_channel(transport, shlex.join(["/bin/sh", "-c", f"{BEGIN}{script}{END}"])))
    try:
        with agent.within(seconds):
            agent.write("".join(f"{word}\n" for word in (mark, *words)).encode())
            for piece in pieces:
                agent.write(piece)
                agent.prolong(seconds)
            channel.shutdown_write()
            heard = agent.read_until(f"{mark} ended\n".encode(), f"{mark} failed\n".encode(), MOST_BYTES)
    finally:
        agent.close()
    said = heard.decode(errors="replace").partition(f"{mark} begun\n")[2]
    for end, is_well in ((f"{mark} ended\n", True), (f"{mark} failed\n", False)):
        if said.endswith(end):
            return is_well, said.removesuffix(end)
    raise TargetUnreachable(
        f"The login shell runs no commands for us. It said: {heard[-300:].decode(errors='replace')!r}.",
        "Give the account an ordinary login shell (sudo chsh -s /bin/sh ACCOUNT).",
    )

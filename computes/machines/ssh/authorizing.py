"""Letting our public key in, with the password that was given for this once."""

import contextlib

import paramiko

from computes.contract import SshAccess
from computes.errors import NoPython, TargetUnreachable
from computes.machines.ssh.channels import start_agent
from computes.machines.ssh.connection import connect
from computes.machines.ssh.shell import run_script

ANSWER_SECONDS = 15.0
BY_SHELL = (
    "IFS= read -r line; umask 077; keys=$HOME/.ssh/authorized_keys; "
    'mkdir -p "$HOME/.ssh" && touch "$keys" && '
    'if grep -qxF -e "$line" "$keys"; then echo present; else echo "$line" >>"$keys" && echo added; fi'
)


def install_public_key(access: SshAccess, public_line: str) -> bool:
    """Add a public key to the account's authorized_keys; False when it was there. Nothing of `access` is kept.

    Raises ValueError for what is no line of a public key, TargetUnreachable.
    """
    words = public_line.split()
    if len(words) < 2 or "\n" in public_line.strip() or not words[0].startswith(("ssh-", "ecdsa-")):
        raise ValueError("a public key is one line: its type, its base64 text and a comment")
    with contextlib.closing(connect(access)) as connection:
        try:
            agent, _ = start_agent(connection.transport, access.python_folder)
        except NoPython:
            return installed_by_shell(connection.transport, access.host, public_line.strip())
        try:
            answer, _ = agent.ask({"deed": "authorize", "line": public_line}, seconds=ANSWER_SECONDS)
        except OSError as error:
            raise could_not_be_added(access.host, f"{error.strerror} ({error.filename})") from error
        return str(answer["answer"]) == "added"


def installed_by_shell(transport: paramiko.Transport, host: str, line: str) -> bool:
    """Do it where there is no Python."""
    is_well, said = run_script(transport, BY_SHELL, (line,), (), ANSWER_SECONDS)
    if not is_well:
        raise could_not_be_added(host, said.strip()[-300:])
    return said.endswith("added\n")


def could_not_be_added(host: str, why: str) -> TargetUnreachable:
    """Return the error for a key that could not be added."""
    return TargetUnreachable(
        f"The key could not be added on {host}: {why}.",
        "Add the public key by hand to .ssh/authorized_keys in the account's home on the host.",
    )

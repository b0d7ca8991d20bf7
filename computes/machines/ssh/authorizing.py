"""Letting our public key in, with the password that was given for this once."""

import contextlib

from computes.contract import SshAccess
from computes.errors import TargetUnreachable
from computes.machines.ssh.channels import start_agent
from computes.machines.ssh.connection import connect

ANSWER_SECONDS = 15.0


def install_public_key(access: SshAccess, public_line: str) -> bool:
    """Add a public key to the account's authorized_keys; False when it was there. Nothing of `access` is kept.

    Raises ValueError for what is no line of a public key, TargetUnreachable.
    """
    words = public_line.split()
    if len(words) < 2 or "\n" in public_line.strip() or not words[0].startswith(("ssh-", "ecdsa-")):
        raise ValueError("a public key is one line: its type, its base64 text and a comment")
    with contextlib.closing(connect(access)) as connection:
        agent, _ = start_agent(connection.transport, access.python_folder)
        try:
            answer, _ = agent.ask({"deed": "authorize", "line": public_line}, seconds=ANSWER_SECONDS)
        except OSError as error:
            raise TargetUnreachable(
                f"The key could not be added on {access.host}: {error.strerror} ({error.filename}).",
                "Add the public key by hand to .ssh/authorized_keys in the account's home on the host.",
            ) from error
        return str(answer["answer"]) == "added"

"""Warns of passwords in the addresses of package sources, without ever repeating them."""

import re

from projects.aml_config.findings import Findings
from projects.aml_config.nodes import Node

SHORTEST_TOKEN_CHARACTERS = 20

_USER_PART = re.compile(r"://([^\s/?#]*)@")
_TOKEN_IN_PATH = re.compile(r"://[^\s/?#]+/t/([^\s/]{8,})(?=/)")
STARS = "*****"
_VARIABLE = re.compile(r"\$(\{\w+\}|\w+)")


def holds_password(text: str) -> bool:
    """True when an address in the text carries a password or a token.

    That is a user part with a password, a user part as long as a token (20 characters), or a conda token (`/t/…/`).
    A variable (`${NAME}`) in its place is no password.
    """
    secrets: list[str] = _TOKEN_IN_PATH.findall(text)
    for user_part in _USER_PART.findall(text):
        user, _, password = user_part.partition(":")
        if password:
            secrets.append(password)
        elif len(user) >= SHORTEST_TOKEN_CHARACTERS:
            secrets.append(user)
    return any(not _VARIABLE.fullmatch(secret) for secret in secrets)


def warn_of_password(
    findings: Findings, at: Node, text: str, what: str, place: str = "in ~/.netrc on the target"
) -> None:
    """Note when an address in the text carries a password; `what` names the place, as in "A channel", `place` where the
    password may be."""
    if holds_password(text):
        findings.warning(
            at,
            f"{what} holds a password in its address: whoever may see the project can read it, in every run too.",
            f"Take it out of the file and keep it out of the project, for example {place}. Then change the password, "
            "because the code of earlier runs keeps it.",
        )

"""The one door from rows and pages to hosts over SSH.

What opens a connection (`scan_host_keys`, `install_public_key`) is called by task workers only.
"""

from computes.machines.ssh import (
    fingerprint,
    install_public_key,
    new_key_pair,
    public_line,
    read_private_key,
    scan_host_keys,
)

__all__ = [
    "fingerprint",
    "install_public_key",
    "is_on_the_way",
    "new_key_pair",
    "public_line",
    "read_private_key",
    "scan_host_keys",
]

STEPS_OF_THE_WAY = ("Name", "Connection", "Host key", "Login", "Shell", "Python for the supervisor")


def is_on_the_way(check_item: str) -> bool:
    """Return whether an item of a check is a step of the way to the host: when it fails, there is no contact."""
    return check_item in STEPS_OF_THE_WAY or check_item.startswith("Jump host ")

"""Machines over SSH: recognized by pinned host keys, reached by one pooled connection, served by our supervisor.

The names of this room are loaded when they are first used: paramiko takes 11 MB, in each process.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from computes.machines.ssh.authorizing import install_public_key
    from computes.machines.ssh.bare_host import BareHost
    from computes.machines.ssh.connection import scan_host_keys
    from computes.machines.ssh.contact import check_contact
    from computes.machines.ssh.host_keys import fingerprint
    from computes.machines.ssh.machine import SshMachine
    from computes.machines.ssh.private_keys import new_key_pair, public_line, read_private_key
    from computes.machines.ssh.tunnel import close_tunnel, forwarded_socket

__all__ = [
    "BareHost",
    "SshMachine",
    "check_contact",
    "close_tunnel",
    "fingerprint",
    "forwarded_socket",
    "install_public_key",
    "new_key_pair",
    "public_line",
    "read_private_key",
    "scan_host_keys",
]
MODULES = {
    "BareHost": "bare_host",
    "SshMachine": "machine",
    "check_contact": "contact",
    "close_tunnel": "tunnel",
    "fingerprint": "host_keys",
    "forwarded_socket": "tunnel",
    "install_public_key": "authorizing",
    "new_key_pair": "private_keys",
    "public_line": "private_keys",
    "read_private_key": "private_keys",
    "scan_host_keys": "connection",
}


def __getattr__(name: str) -> Any:
    """Load the module of a name."""
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{MODULES[name]}"), name)

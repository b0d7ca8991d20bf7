"""Machines over SSH: recognized by pinned host keys, reached by one pooled connection, served by our supervisor."""

from computes.machines.ssh.authorizing import install_public_key
from computes.machines.ssh.connection import scan_host_keys
from computes.machines.ssh.contact import check_contact
from computes.machines.ssh.host_keys import fingerprint
from computes.machines.ssh.machine import SshMachine
from computes.machines.ssh.private_keys import new_key_pair, public_line, read_private_key
from computes.machines.ssh.tunnel import forwarded_socket

__all__ = [
    "SshMachine",
    "check_contact",
    "fingerprint",
    "forwarded_socket",
    "install_public_key",
    "new_key_pair",
    "public_line",
    "read_private_key",
    "scan_host_keys",
]

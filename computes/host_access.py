"""The one door from rows and pages to hosts over SSH.

What opens a connection (`scan_host_keys`, `install_public_key`) is called by task workers only. The library behind it
is loaded by the first call.
"""

from computes.contract import SshAccess
from computes.machines import ssh

STEPS_OF_THE_WAY = ("Name", "Connection", "Host key", "Login", "Shell", "Python for the supervisor")


def is_on_the_way(check_item: str) -> bool:
    """Return whether an item of a check is a step of the way to the host: when it fails, there is no contact."""
    return check_item in STEPS_OF_THE_WAY or check_item.startswith("Jump host ")


def fingerprint(line: str) -> str:
    """Return the SHA256 fingerprint of a key. Raises ValueError."""
    return ssh.fingerprint(line)


def new_key_pair(comment: str) -> tuple[str, str]:
    """Return a new private key and its public line."""
    return ssh.new_key_pair(comment)


def public_line(private_key: str, comment: str = "") -> str:
    """Return the public line of a private key."""
    return ssh.public_line(private_key, comment)


def read_private_key(text: str, passphrase: str = "") -> str:
    """Return a private key without its passphrase. Raises KeyUnreadable."""
    return ssh.read_private_key(text, passphrase)


def scan_host_keys(access: SshAccess) -> list[str]:
    """Return every key that a host shows. Raises TargetUnreachable."""
    return ssh.scan_host_keys(access)


def install_public_key(access: SshAccess, line: str) -> bool:
    """Let a key in on a host; False when it was let in before. Raises TargetError."""
    return ssh.install_public_key(access, line)

"""Host keys: which ones are approved, and whether the key that a host shows is one of them."""

import base64
import binascii
import hashlib

import paramiko

from computes.contract import SshAccess
from computes.errors import HostKeyChanged, HostKeyUnknown, TargetUnreachable

ALGORITHMS: dict[str, tuple[str, ...]] = {
    "ssh-ed25519": ("ssh-ed25519",),
    "ecdsa-sha2-nistp256": ("ecdsa-sha2-nistp256",),
    "ecdsa-sha2-nistp384": ("ecdsa-sha2-nistp384",),
    "ecdsa-sha2-nistp521": ("ecdsa-sha2-nistp521",),
    "ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256"),
}
CHANGED_REMEDY = (
    "If the host was installed anew, let an administrator scan its keys, compare the fingerprint on the host itself "
    "(ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub) and approve it. If not, somebody may be in between."
)


def fingerprint(line: str) -> str:
    """Return the fingerprint of a key `type base64` as ssh-keygen -l shows it. Raises ValueError for no key."""
    words = line.split()
    if len(words) < 2:
        raise ValueError("a key is its type and its base64 text")
    try:
        blob = base64.b64decode(words[1], validate=True)
    except binascii.Error as error:
        raise ValueError("the key's text is no base64") from error
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return f"SHA256:{digest}"


def line_of(key: paramiko.PKey) -> str:
    """Return a key as `type base64`."""
    return f"{key.get_name()} {key.get_base64()}"


def algorithms_of(access: SshAccess) -> tuple[str, ...]:
    """Return what is negotiated with a host: algorithms of the approved keys and no others.

    Raises HostKeyUnknown when no key is approved, TargetUnreachable when none can be used.
    """
    if not access.host_keys:
        raise HostKeyUnknown(
            f"No host key of {access.host} is approved yet, so nothing is sent to it.",
            "Let an administrator scan the host's keys, compare the fingerprint, and approve it.",
        )
    types = [line.split()[0] for line in access.host_keys if line.split()]
    found = [algorithm for name, names in ALGORITHMS.items() if name in types for algorithm in names]
    if not found:
        raise TargetUnreachable(
            f"None of the approved host keys of {access.host} is of a type that is used: {', '.join(types)[:200]}.",
            f"Approve a key of one of these types: {', '.join(ALGORITHMS)}.",
        )
    return tuple(found)


def approved_fingerprints(access: SshAccess) -> tuple[str, ...]:
    """Return the fingerprints of the approved keys."""
    return tuple(fingerprint(line) for line in access.host_keys)


def require_approved(access: SshAccess, shown: str) -> None:
    """Raise HostKeyChanged unless the key `type base64` that a host shows is approved."""
    if shown.split()[:2] not in [line.split()[:2] for line in access.host_keys]:
        raise changed(access, shown)


def changed(access: SshAccess, shown: str) -> HostKeyChanged:
    """Return the error for a host that shows another key, or none of an approved type (`shown` is empty)."""
    approved = approved_fingerprints(access)
    now = fingerprint(shown) if shown else ""
    what = f"shows the key {now} ({shown.split()[0]})" if shown else "shows no key of an approved type"
    return HostKeyChanged(
        f"The host key of {access.host} has changed: it {what}; approved is {' or '.join(approved)}. "
        "Nothing was sent to it.",
        CHANGED_REMEDY,
        approved,
        now,
    )

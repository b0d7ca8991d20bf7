"""The host keys of a target and of the hosts on the way there: which are approved, and which were shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from computes.host_access import fingerprint
from computes.models import ComputeTarget
from computes.ssh_address import SshAddress

UNREADABLE = "(not a key)"
KEY_FILES = {"ssh-ed25519": "ed25519", "ssh-rsa": "rsa"}  # all others are of the family ECDSA


class KeyState(StrEnum):
    """How far a host is known. Only APPROVED hosts are sent anything."""

    UNSEEN = "unseen"
    SHOWN = "shown"
    APPROVED = "approved"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class HostKey:
    """A host key: its type, its SHA256 fingerprint, and the line `type base64` that is stored."""

    type: str
    fingerprint: str
    line: str


@dataclass(frozen=True, slots=True)
class Hop:
    """One host on the way, the target itself last. `number` is its place among the jump hosts, None for the target."""

    number: int | None
    address: SshAddress
    approved: tuple[HostKey, ...]
    shown: tuple[HostKey, ...]

    @property
    def state(self) -> KeyState:
        """Return how far the host is known. It has changed when none of its approved keys was shown last."""
        if not self.approved:
            return KeyState.SHOWN if self.shown else KeyState.UNSEEN
        known = {key.line for key in self.approved}
        if self.shown and not any(key.line in known for key in self.shown):
            return KeyState.CHANGED
        return KeyState.APPROVED

    @property
    def compare_command(self) -> str:
        """Return what shows the fingerprint on the host itself."""
        return compare_command_for(self.shown)


def compare_command_for(keys: Sequence[HostKey]) -> str:
    """Return the command that shows, on the host itself, the fingerprint of the best of some keys."""
    types = [key.type for key in keys] or ["ssh-ed25519"]
    best = "ssh-ed25519" if "ssh-ed25519" in types else types[0]
    return f"ssh-keygen -lf /etc/ssh/ssh_host_{KEY_FILES.get(best, 'ecdsa')}_key.pub"


def host_key_of(line: str) -> HostKey:
    """Return the key of a stored line."""
    try:
        return HostKey(line.split()[0], fingerprint(line), " ".join(line.split()[:2]))
    except (ValueError, IndexError):
        return HostKey("unknown", UNREADABLE, line)


def hops_of(target: ComputeTarget) -> list[Hop]:
    """Return the hosts on the way to a target in the order in which they are passed; none where there is no SSH."""
    if not target.is_over_ssh:
        return []
    jumps = [_jump(number, jump, target) for number, jump in enumerate(target.jump_hosts)]
    address = SshAddress(target.address, target.port, target.username)
    return [*jumps, Hop(None, address, _keys(target.host_keys), _keys(target.seen_host_keys))]


def first_unknown(target: ComputeTarget) -> Hop | None:
    """Return the first host on the way that nothing may be sent to, None when all of them are approved."""
    return next((hop for hop in hops_of(target) if hop.state != KeyState.APPROVED), None)


def store_approved(target: ComputeTarget, hop: Hop, lines: Sequence[str]) -> None:
    """Put the approved keys of one hop into the row, unsaved."""
    if hop.number is None:
        target.host_keys = list(lines)
    else:
        target.jump_hosts = _with(target.jump_hosts, hop.number, host_keys=list(lines))


def store_shown(target: ComputeTarget, hop: Hop, lines: Sequence[str]) -> None:
    """Put what one hop showed into the row, unsaved."""
    if hop.number is None:
        target.seen_host_keys = list(lines)
    else:
        target.jump_hosts = _with(target.jump_hosts, hop.number, seen_host_keys=list(lines))


def obstacle_on_the_way(target: ComputeTarget) -> str:
    """Return why nothing may be sent to a target as far as host keys go, or nothing."""
    hop = first_unknown(target)
    if hop is None:
        return ""
    if hop.state == KeyState.CHANGED:
        return (
            f"The host key of {hop.address.host} has changed: it shows {_listed(hop.shown)}; approved is "
            f"{_listed(hop.approved)}. Nothing is sent there until an administrator has looked at it."
        )
    return f"No host key of {hop.address.host} is approved yet. An administrator has to compare and approve one."


def _listed(keys: Sequence[HostKey]) -> str:
    return " and ".join(f"{key.fingerprint} ({key.type})" for key in keys)


def _jump(number: int, jump: dict[str, Any], target: ComputeTarget) -> Hop:
    address = SshAddress(str(jump["host"]), int(jump["port"]), str(jump.get("username") or target.username))
    return Hop(number, address, _keys(jump.get("host_keys", ())), _keys(jump.get("seen_host_keys", ())))


def _keys(lines: Sequence[str]) -> tuple[HostKey, ...]:
    return tuple(host_key_of(line) for line in lines)


def _with(jumps: list[dict[str, Any]], number: int, **facts: Any) -> list[dict[str, Any]]:
    return [{**jump, **facts} if place == number else jump for place, jump in enumerate(jumps)]

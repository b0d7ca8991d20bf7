"""How the way to a target is, for its page: hosts, keys, credential, and what the task workers do about it."""

import shlex
from dataclasses import dataclass

from computes.errands import after_errands, latest_errand
from computes.host_keys import Hop, KeyState, hops_of
from computes.models import ComputeTarget, TargetErrand


@dataclass(frozen=True, slots=True)
class Connection:
    """What the card shows. `scan` and `installation` are the last errands of their kinds."""

    hops: list[Hop]
    scan: TargetErrand | None
    installation: TargetErrand | None
    paste_command: str

    @property
    def is_going_on(self) -> bool:
        """Return whether news may still come."""
        return any(errand is not None and errand.is_going_on for errand in (self.scan, self.installation))

    @property
    def unknown(self) -> Hop | None:
        """Return the first host that nothing may be sent to."""
        return next((hop for hop in self.hops if hop.state != KeyState.APPROVED), None)


def connection_of(target: ComputeTarget) -> Connection | None:
    """Return how the way to a target is; None for one that is not reached over SSH."""
    if not target.is_over_ssh:
        return None
    scan = latest_errand(target, TargetErrand.Kind.SCAN)
    installation = latest_errand(target, TargetErrand.Kind.INSTALL)
    now = after_errands(target)
    return Connection(
        hops=hops_of(now),
        scan=scan,
        installation=installation,
        paste_command=paste_command_for(now.public_key) if now.public_key else "",
    )


def paste_command_for(public_key: str) -> str:
    """Return the shell line that lets a key in; it may be repeated, and is run on the host as the target's user."""
    line = shlex.quote(public_key)
    return (
        "umask 077; mkdir -p ~/.ssh; touch ~/.ssh/authorized_keys; "
        f"grep -qxF {line} ~/.ssh/authorized_keys || printf '%s\\n' {line} >> ~/.ssh/authorized_keys"
    )

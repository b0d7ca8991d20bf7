"""The nodes of a cluster: how each is reached, and how far its host key is known.

A node's address is as the head node calls it, so its way goes through the head node; only a node that is found there
by no way, and answers to this server, is reached directly. The keys are kept by host and port, as those of jump hosts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from computes.contract import SshAccess
from computes.host_keys import Hop, KeyState, host_key_of
from computes.models import ComputeTarget
from computes.ssh_address import SshAddress, address_in
from computes.target_settings import access_to


@dataclass(frozen=True, slots=True)
class ClusterNode:
    """One node. `hop` is how its page shows a host and its keys; `trouble` why the last scan did not see them."""

    hop: Hop
    is_direct: bool
    trouble: str

    @property
    def key(self) -> str:
        """Return what its keys are kept under."""
        return str(SshAddress(self.hop.address.host, self.hop.address.port))

    @property
    def is_approved(self) -> bool:
        """Return whether anything may be sent there."""
        return self.hop.state == KeyState.APPROVED


def nodes_of(target: ComputeTarget) -> list[ClusterNode]:
    """Return the nodes of a cluster in the order of its list; none for a target of another kind."""
    if target.kind != ComputeTarget.Kind.CLUSTER:
        return []
    return [_node(target, number, address_in(text)) for number, text in enumerate(target.worker_nodes)]


def access_to_node(target: ComputeTarget, address: SshAddress, lines: Sequence[str], *, is_direct: bool) -> SshAccess:
    """Return how a node is reached with the target's own login. The head node forwards the connection and sees nothing
    of what goes through it."""
    head = access_to(target)
    way = () if is_direct else (*head.jumps, replace(head, jumps=()))
    username = address.username or target.username
    return replace(head, host=address.host, port=address.port, username=username, host_keys=tuple(lines), jumps=way)


def with_node_facts(target: ComputeTarget, key: str, **facts: Any) -> None:
    """Put facts of one node into the row, unsaved."""
    target.node_keys = {**target.node_keys, key: {**target.node_keys.get(key, {}), **facts}}


def _node(target: ComputeTarget, number: int, address: SshAddress) -> ClusterNode:
    address = replace(address, username=address.username or target.username)
    kept = target.node_keys.get(str(SshAddress(address.host, address.port)), {})
    approved, shown = (tuple(map(host_key_of, kept.get(name, ()))) for name in ("host_keys", "seen_host_keys"))
    return ClusterNode(
        Hop(number, address, approved, shown), bool(kept.get("is_direct", False)), str(kept.get("trouble", ""))
    )

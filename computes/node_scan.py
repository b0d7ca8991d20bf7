"""Looking at the host keys of a cluster's nodes. Opens connections, so only task workers do it.

Several nodes are looked at side by side; what a task has no time for is said, and is first in the next scan.
"""

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from time import monotonic

from django.db import transaction

from computes.cluster_nodes import ClusterNode, access_to_node, nodes_of, with_node_facts
from computes.contract import SshAccess
from computes.errors import TargetError, TargetUnreachable
from computes.host_access import scan_host_keys
from computes.host_keys import obstacle_on_the_way
from computes.locked_target import locked
from computes.models import ComputeTarget

SIDE_BY_SIDE = 8
SCAN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Sight:
    """What a node showed, and over which way; or why nothing was seen."""

    key: str
    lines: tuple[str, ...] = ()
    is_direct: bool = False
    trouble: str = ""


def scan_nodes(target: ComputeTarget) -> str:
    """Store what each node shows; return what was found. Raises TargetError where the head node is not approved: the
    way to the nodes leads through it."""
    if obstacle := obstacle_on_the_way(target):
        raise TargetError(obstacle, "Approve the head node's key first.")
    waiting = sorted(nodes_of(target), key=lambda node: bool(node.hop.shown))
    if not waiting:
        raise TargetError("The target has no worker nodes.", "Name them on its form, one user@host:port a line.")
    plans = [(node.key, *_ways(target, node)) for node in waiting]
    seen: list[Sight] = []
    deadline = monotonic() + SCAN_SECONDS
    pool = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="scan")
    pending = {pool.submit(look_at_node, *plan) for plan in plans}
    while pending and monotonic() < deadline:
        done, pending = wait(pending, timeout=max(0.0, deadline - monotonic()), return_when=FIRST_COMPLETED)
        seen += [future.result() for future in done]
    pool.shutdown(wait=False, cancel_futures=True)
    _store(target, seen)
    return _words(len(plans), seen)


def look_at_node(key: str, through_head: SshAccess, direct: SshAccess, may_change_way: bool) -> Sight:
    """Return what a node shows. One whose way is not known yet is looked for through the head node, then directly."""
    first, second = (through_head, direct) if through_head.jumps else (direct, None)
    try:
        return Sight(key, tuple(scan_host_keys(first)), is_direct=second is None)
    except TargetUnreachable as error:
        trouble = error.in_full[:500]
        if second is None or not may_change_way:
            return Sight(key, trouble=trouble)
    try:
        return Sight(key, tuple(scan_host_keys(second)), is_direct=True)
    except TargetUnreachable:
        return Sight(key, trouble=trouble)


def _ways(target: ComputeTarget, node: ClusterNode) -> tuple[SshAccess, SshAccess, bool]:
    direct = access_to_node(target, node.hop.address, (), is_direct=True)
    usual = access_to_node(target, node.hop.address, (), is_direct=node.is_direct and bool(node.hop.approved))
    return usual, direct, not node.hop.approved


def _store(target: ComputeTarget, seen: list[Sight]) -> None:
    """Keep what was seen. A node that was not reached keeps what it showed before."""
    with transaction.atomic():
        stored = locked(target)
        known = {node.key for node in nodes_of(stored)}
        for sight in seen:
            if sight.key not in known:
                continue
            facts = {"trouble": sight.trouble}
            if sight.lines:
                facts |= {"seen_host_keys": list(sight.lines), "is_direct": sight.is_direct}  # type: ignore[dict-item]
            with_node_facts(stored, sight.key, **facts)
        stored.node_keys = {key: facts for key, facts in stored.node_keys.items() if key in known}
        stored.save(update_fields=["node_keys"])


def _words(count: int, seen: list[Sight]) -> str:
    shown = sum(1 for sight in seen if sight.lines)
    said = [f"{shown} of {count} node{'' if count == 1 else 's'} showed host keys."]
    if late := count - len(seen):
        said.append(f"There was no time for {late}: scan again.")
    return " ".join(said)

"""Approving host keys of nodes: an administrator says that he has compared their fingerprints on the nodes."""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import transaction

from computes.cluster_nodes import nodes_of, with_node_facts
from computes.host_keys import KeyState
from computes.locked_target import locked
from computes.models import ComputeTarget
from computes.refusals import TargetRefused
from computes.target_history import note_change


def approve_node_keys(
    target: ComputeTarget, user: User, chosen: Sequence[tuple[str, str]], understood: bool = False
) -> int:
    """Approve for each of some nodes, by its host:port, the key of a fingerprint that it showed in the last scan,
    instead of any other of it; all or none. Return how many there are.

    Raises TargetRefused when a node did not show that key, and when one showed another key before and `understood` does
    not say that this is known to be right.
    """
    if not chosen:
        raise TargetRefused("keys", "No key was chosen.", "Tick the keys that you have compared.")
    with transaction.atomic():
        stored = locked(target)
        nodes = {node.key: node for node in nodes_of(stored)}
        for place, fingerprint in chosen:
            node = nodes.get(place)
            lines = [key.line for key in node.hop.shown if key.fingerprint == fingerprint] if node else []
            if node is None or not lines:
                raise TargetRefused(
                    "keys",
                    f"{place[:300]} showed no key with this fingerprint.",
                    "Scan again and take one of its keys.",
                )
            if node.hop.state == KeyState.CHANGED and not understood:
                raise TargetRefused(
                    "understood",
                    f"{place} had another approved key before. Somebody may be between it and this server.",
                    "Compare the fingerprint on the node itself, then say that the new key is right.",
                )
            with_node_facts(stored, place, host_keys=lines)
            note_change(stored, user, f"Approved the host key {fingerprint} of the node {place}.")
        stored.save(update_fields=["node_keys"])
    target.refresh_from_db()
    return len(chosen)

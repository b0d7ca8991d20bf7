"""Looking at the host keys on the way to a target. Opens connections, so only task workers do it."""

from dataclasses import replace

from django.db import transaction

from computes.contract import SshAccess
from computes.host_access import scan_host_keys
from computes.host_keys import Hop, KeyState, hops_of, store_shown
from computes.locked_target import locked
from computes.models import ComputeTarget
from computes.target_settings import access_to


def scan_hosts(target: ComputeTarget) -> str:
    """Store what each host on the way shows, up to the first one that nothing may be sent to; return what was found.

    Raises TargetUnreachable. An address that was changed meanwhile keeps nothing of the scan.
    """
    found = ""
    for place, hop in enumerate(hops_of(target)):
        lines = scan_host_keys(access_to_hop(target, place))
        seen = _store(target, place, hop, lines)
        if seen is None:
            return "The address was changed during the scan."
        found = f"{hop.address.host} shows {len(lines)} host key{'' if len(lines) == 1 else 's'}."
        if seen.state != KeyState.APPROVED:
            break
    return found


def access_to_hop(target: ComputeTarget, place: int) -> SshAccess:
    """Return how the host at a place on the way is reached: over the ones before it."""
    access = access_to(target)
    way = (*access.jumps, access)
    return replace(way[place], jumps=way[:place])


def _store(target: ComputeTarget, place: int, hop: Hop, lines: list[str]) -> Hop | None:
    with transaction.atomic():
        stored = locked(target)
        now = hops_of(stored)
        if len(now) <= place or now[place].address != hop.address:
            return None
        store_shown(stored, now[place], lines)
        stored.save(update_fields=["seen_host_keys", "jump_hosts"])
    return hops_of(stored)[place]

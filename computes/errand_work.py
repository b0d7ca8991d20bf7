"""Carrying out an errand at a target's host: scan its keys or its nodes', or install our public key with a password."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils import timezone

from computes.check_work import carry_out_check
from computes.credentials import forget_install_password
from computes.errors import TargetError
from computes.host_access import install_public_key
from computes.host_scan import scan_hosts
from computes.models import ComputeTarget, TargetCheck, TargetErrand
from computes.node_scan import scan_nodes
from computes.target_settings import access_to, secret_of


def carry_out_errand(errand_id: int) -> bool:
    """Carry out an errand that nobody has begun; return whether it was ours to do.

    A second call, at once or later, does nothing.
    """
    begun = TargetErrand.objects.filter(pk=errand_id, started_at=None).update(started_at=timezone.now())
    if not begun:
        return False
    errand = TargetErrand.objects.select_related("target").get(pk=errand_id)
    done: dict[str, Any] = {"problem": "amlweb made a mistake of its own. The server log says more."}
    try:
        done = {"result": DEEDS[errand.kind](errand.target)[:500]}
    except TargetError as error:
        done = {"problem": error.in_full[:500]}
    finally:
        TargetErrand.objects.filter(pk=errand.pk).update(finished_at=timezone.now(), **done)
    if errand.kind == TargetErrand.Kind.INSTALL and "result" in done:
        carry_out_check(TargetCheck.objects.create(target=errand.target, requested_by=errand.requested_by).pk)
    return True


def install_key(target: ComputeTarget) -> str:
    """Add the public key on every host on the way, with the password that was given for this once; return what was
    done. The password is forgotten before anything else happens. Raises TargetError."""
    password = secret_of(target, "install_password")
    forget_install_password(target)
    if not password:
        raise TargetError(
            "There is no password to install the key with.", "Give it again, or add the public key by hand."
        )
    access = access_to(target)
    by_password = [replace(hop, private_key="", password=password, jumps=()) for hop in (*access.jumps, access)]
    said = []
    for place, hop in enumerate(by_password):
        is_new = install_public_key(replace(hop, jumps=tuple(by_password[:place])), target.public_key)
        said.append(f"The public key {'was added' if is_new else 'was there already'} on {hop.host}.")
    return " ".join([*said, "The password is forgotten."])


DEEDS: dict[str, Callable[[ComputeTarget], str]] = {
    TargetErrand.Kind.SCAN: scan_hosts,
    TargetErrand.Kind.SCAN_NODES: scan_nodes,
    TargetErrand.Kind.INSTALL: install_key,
}

"""Approving a host key: an administrator says that he has compared its fingerprint on the host itself."""

from django.contrib.auth.models import User
from django.db import transaction

from computes.checking import request_check
from computes.errands import request_errand
from computes.host_keys import Hop, KeyState, first_unknown, hops_of, store_approved
from computes.locked_target import locked
from computes.models import ComputeTarget, TargetErrand
from computes.refusals import TargetRefused
from computes.target_history import note_change


def approve_host_key(target: ComputeTarget, user: User, fingerprint: str, understood: bool = False) -> Hop:
    """Approve the key of a fingerprint that a host on the way showed in the last scan, instead of any other of it, and
    go on with what waited for that: the next host, the installation of the public key, the check.

    Raises TargetRefused when no host showed it, and when the host showed another key before and `understood` does not
    say that this is known to be right.
    """
    with transaction.atomic():
        stored = locked(target)
        hop = _hop_that_showed(stored, fingerprint.strip())
        if hop.state == KeyState.CHANGED and not understood:
            raise TargetRefused(
                "understood",
                f"{hop.address.host} had another approved key before. Somebody may be between it and this server.",
                "Compare the fingerprint on the host itself, then say that the new key is right.",
            )
        lines = [key.line for key in hop.shown if key.fingerprint == fingerprint.strip()]
        store_approved(stored, hop, lines)
        stored.save(update_fields=["host_keys", "jump_hosts"])
        note_change(stored, user, f"Approved the host key {fingerprint.strip()} of {hop.address.host}.")
        go_on(stored, user)
    target.refresh_from_db()
    return hop


def go_on(target: ComputeTarget, user: User | None) -> None:
    """Ask for the next thing that brings a target closer to its first run: a scan, the key's installation, a check."""
    if first_unknown(target) is not None:
        request_errand(target, user, TargetErrand.Kind.SCAN)
    elif target.sealed_install_password:
        request_errand(target, user, TargetErrand.Kind.INSTALL)
    else:
        request_check(target, user)


def _hop_that_showed(target: ComputeTarget, fingerprint: str) -> Hop:
    """Return the host that showed a key; of several with the same key, the first that is not approved."""
    showed = [hop for hop in hops_of(target) if any(key.fingerprint == fingerprint for key in hop.shown)]
    for hop in sorted(showed, key=lambda hop: hop.state == KeyState.APPROVED):
        return hop
    raise TargetRefused(
        "fingerprint", "No host on the way showed a key with this fingerprint.", "Scan again and take one of its keys."
    )

"""The one word for how a target is, with a sentence for it."""

from dataclasses import dataclass

from computes.errors import sentences
from computes.host_keys import KeyState, first_unknown, obstacle_on_the_way
from computes.models import ComputeTarget, TargetCheck


@dataclass(frozen=True, slots=True)
class TargetState:
    """`key` is the stable name for styles, `word` and `icon` are shown together, `text` explains."""

    key: str
    word: str
    icon: str
    text: str


def state_of(target: ComputeTarget, latest_check: TargetCheck | None) -> TargetState:
    """Return the first that applies: off, draining, host key changed or to be approved, not reachable, needs attention,
    ready."""
    if target.needs_trust:
        what = "builds of environments" if target.builds_here else "scripts"
        text = f"An administrator has to confirm that {what} may run as the server's own account."
        return TargetState("off", "Off", "ban", text)
    if not target.is_enabled:
        return TargetState("off", "Off", "ban", "No runs can be sent here until an administrator turns it on.")
    if target.is_draining:
        reason = target.drain_reason or "no reason was given"
        text = sentences(reason, "What runs goes on; nothing new starts.")
        return TargetState("draining", "Draining", "player-pause", text)
    unknown = first_unknown(target)
    if unknown is not None and unknown.state == KeyState.CHANGED:
        return TargetState("blocked", "Host key changed", "shield-lock", obstacle_on_the_way(target))
    if unknown is not None:
        return TargetState("unapproved", "Host key to approve", "shield", obstacle_on_the_way(target))
    if target.contact_problem:
        return TargetState("unreachable", "Not reachable", "plug-x", target.contact_problem)
    if latest_check is not None and latest_check.finished_at is not None and not latest_check.is_good:
        return TargetState("attention", "Needs attention", "alert-triangle", "The last check found something wrong.")
    return TargetState("ready", "Ready", "circle-check", "Runs can be sent here.")

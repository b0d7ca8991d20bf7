"""What we believe about a run beyond its stored state, and why: the third of the three truths on its page."""

from dataclasses import dataclass

from django.utils import timezone

from runs.models import Heartbeat, Run
from runs.status import State

CONTROLLER_SILENT_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Belief:
    """A sentence, and whether it is a reason to worry."""

    text: str
    is_worrying: bool = False


def controller_is_silent() -> bool:
    """Return whether the run controller has not shown a sign of life for a while."""
    beat = Heartbeat.objects.filter(name="controller").first()
    return beat is None or (timezone.now() - beat.beat_at).total_seconds() > CONTROLLER_SILENT_SECONDS


def belief_about(run: Run) -> Belief:
    """Return what is believed about a run at this moment."""
    if run.is_finished:
        return belief_about_finished(run)
    if controller_is_silent():
        return Belief(
            "The run controller does not answer. Runs go on on their targets; what this page shows may be old, and "
            "nothing new starts until an administrator starts the controller again.",
            is_worrying=True,
        )
    if run.state == State.QUEUED:
        return Belief(f"Waiting: {run.wait_reason}" if run.wait_reason else "Waits to be handed to its target.")
    if run.unreachable_since is not None:
        return belief_in_silence(run)
    if run.state == State.RUNNING and not run.is_supervised:
        return Belief(
            "The script runs on without its supervisor: it can be canceled, but its exit code will be unknown.",
            is_worrying=True,
        )
    if run.cancel_requested_at is not None:
        return Belief("Is being canceled: the script is asked to end, and killed when its grace is over.")
    if run.state == State.PREPARING and run.wait_reason:
        return Belief(f"Waiting: {run.wait_reason}")
    if run.waits_on_cluster:
        return Belief("The cluster has the application and no room for it yet. It begins by itself when there is some.")
    return {
        State.PREPARING: Belief("Code and environment are being placed on the target."),
        State.RUNNING: Belief("The script is alive on its target."),
    }.get(State(run.state), Belief("The script has ended; its outputs and the rest of its log are being collected."))


def shared_belief_about(run: Run) -> Belief:
    """Return what the holder of a share link is told: of this run only, nothing of the installation or its people."""
    if run.is_finished:
        return belief_about_finished(run)
    if run.state == State.QUEUED:
        return Belief("Waits for its turn.")
    if run.unreachable_since is not None or controller_is_silent():
        return Belief("There is no news of the run at the moment. It may be going on.", is_worrying=True)
    if run.cancel_requested_at is not None:
        return Belief("Is being canceled.")
    if run.waits_on_cluster:
        return Belief("Waits for room on the cluster.")
    return {
        State.PREPARING: Belief("Code and environment are being made ready."),
        State.RUNNING: Belief("The script is running."),
    }.get(State(run.state), Belief("The script has ended; its outputs are being collected."))


def belief_in_silence(run: Run) -> Belief:
    """Return what is believed about a run whose target does not answer: why not, what to do, and how it goes on."""
    goes_on = {
        State.PREPARING: "The start is tried again by itself.",
        State.RUNNING: f"The run is presumed alive. The log resumes at byte {run.log_bytes:,}.",
    }.get(State(run.state), "What the script left is fetched as soon as it answers.")
    why = f"{run.wait_reason} " if run.wait_reason else ""
    return Belief(f"The target is silent. {why}{goes_on}", is_worrying=True)


def belief_about_finished(run: Run) -> Belief:
    """Return what is believed about a run that has ended: whether all of it is here."""
    if run.running_at is None:
        return Belief("The script was never started.")
    if not run.log_is_complete:
        return Belief("The end of the log may be missing: the target did not give it before the run ended.", True)
    if run.outputs_note:
        return Belief("The log is complete; some outputs could not be collected.", True)
    return Belief("The log is complete and the outputs are collected.")

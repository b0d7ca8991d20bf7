"""A run's state as its page shows it: one partial for the first paint and for every live update."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.template.loader import render_to_string

from computes.models import ComputeTarget
from runs.application_page import ShownApplication, application_of
from runs.beliefs import Belief, belief_about, shared_belief_about
from runs.log_page import line_of_excerpt
from runs.models import Run, ShareLink
from runs.phases import Phase, phases_of
from runs.status import Fault, State

FAULT_WORDS = {
    Fault.SCRIPT: "The script's doing",
    Fault.LIMIT: "A limit's doing",
    Fault.TARGET: "The target's doing",
    Fault.SERVER: "Our own mistake",
}


@dataclass(frozen=True, slots=True)
class RunStatus:
    """What `runs/_status.html` shows. With `share` it leaves out every way into the rest of the installation."""

    run: Run
    phases: list[Phase]
    belief: Belief
    fault: str
    excerpt_line: int | None
    share: ShareLink | None
    is_own: bool
    links_target: bool
    application: ShownApplication | None

    @property
    def is_cancelling(self) -> bool:
        """Return whether the run was asked to end and has not yet."""
        return self.run.cancel_requested_at is not None and not self.run.is_finished

    @property
    def shows_detail(self) -> bool:
        """Return whether the reader may see what exactly went wrong, which often is a line of the log."""
        return self.share is None or self.share.shows_log

    @property
    def shows_excerpt(self) -> bool:
        """Return whether the reader may see the last words of the log."""
        return bool(self.run.failure_excerpt) and self.shows_detail


def status_of(run: Run, *, user: User | AnonymousUser | None = None, share: ShareLink | None = None) -> RunStatus:
    """Return what there is to say about a run's state now, to a member or to the holder of a share link."""
    failure = run.failure
    return RunStatus(
        run=run,
        phases=phases_of(run),
        belief=belief_about(run) if share is None else shared_belief_about(run),
        fault=FAULT_WORDS[failure.fault] if failure else "",
        excerpt_line=line_of_excerpt(run) if run.state == State.FAILED else None,
        share=share,
        links_target=user is not None and ComputeTarget.objects.visible_to(user).filter(pk=run.target_id).exists(),
        application=application_of(run, for_members=share is None),
        is_own=user is not None and user.pk is not None and run.created_by_id == user.pk,
    )


def render_status(run: Run, *, user: User | AnonymousUser | None = None, share: ShareLink | None = None) -> str:
    """Return the HTML of a run's head and phase strip, as the websocket sends it."""
    return render_to_string("runs/_status.html", {"status": status_of(run, user=user, share=share)})

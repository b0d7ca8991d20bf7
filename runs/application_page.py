"""What a run's page shows of its application on a cluster."""

from dataclasses import dataclass

from computes.application_links import ApplicationLink, links_of
from computes.contract import ApplicationFacts
from runs.models import Run


@dataclass(frozen=True, slots=True)
class ShownApplication:
    """An application as `runs/_application.html` shows it. Without `shows_names` it has neither ids nor links."""

    facts: ApplicationFacts
    links: list[ApplicationLink]
    is_waiting: bool
    is_over: bool
    shows_names: bool

    @property
    def shows_progress(self) -> bool:
        """Return whether there is progress to show. Of what is over nobody has counted the last moments."""
        return self.facts.tasks > 0 and not self.is_over

    @property
    def percent(self) -> int:
        """Return how much of the tasks that are known is done."""
        return 100 * self.facts.tasks_done // self.facts.tasks if self.facts.tasks else 0

    @property
    def state_words(self) -> str:
        """Return what the cluster calls the state, in small letters."""
        return self.facts.state.replace("_", " ").lower()


def application_of(run: Run, *, for_members: bool) -> ShownApplication | None:
    """Return what there is to show, None where a run has no application. Only members are led to the cluster."""
    facts = run.application_facts
    if facts is None:
        return None
    links = links_of(run.target, facts, is_over=run.is_finished) if for_members else []
    return ShownApplication(facts, links, run.waits_on_cluster, run.is_finished, for_members)

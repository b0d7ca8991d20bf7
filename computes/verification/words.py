"""What a look at a run and at its application found, in words for a report."""

from computes.contract import ApplicationFacts, RunFolderStatus


def words_of(status: RunFolderStatus) -> str:
    """Return what a look found."""
    exit_ = status.exit
    ended = f", code {exit_.code}, ended by {exit_.ended_by or 'itself'}" if exit_ is not None else ""
    told = f"Application: {words_of_application(status.application)}." if status.application is not None else ""
    return " ".join(f"{status.condition}{ended}. {status.why} {status.remedy} {told}".split())


def words_of_application(facts: ApplicationFacts) -> str:
    """Return what a cluster says of an application; progress only where it tells any."""
    batch = f"batch {facts.batch}, " if facts.batch else ""
    waiting = f", waiting: {facts.why or 'no resources yet'}" if facts.is_waiting else ""
    progress = f", {facts.stages_done} of {facts.stages} stages, {facts.tasks_done} of {facts.tasks} tasks"
    said = f"{batch}{facts.id or 'no id'}, {facts.state or 'no state'}{waiting}"
    return said + (progress if facts.tasks else "")

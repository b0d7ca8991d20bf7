"""What amlweb uses on a target, and what of it could go: the answers of the last survey, judged now."""

from dataclasses import dataclass, field
from datetime import datetime

from computes.errands import latest_errand
from computes.models import ComputeTarget, TargetEnvironment, TargetErrand, TargetSurvey
from computes.survey import Survey
from computes.survey_requests import last_survey
from runs.orphans import Orphan, orphans_on


@dataclass(frozen=True, slots=True)
class Amount:
    """How many things there are, and their bytes; None where these are not known."""

    count: int
    bytes: int | None


@dataclass(frozen=True, slots=True)
class TargetSpace:
    """The parts. `survey` is None while nobody has looked; `latest` and `cleaning` say what goes on."""

    environments: Amount
    latest: TargetSurvey | None = None
    cleaning: TargetErrand | None = None
    looked_at: datetime | None = None
    survey: Survey | None = None
    orphans: list[Orphan] = field(default_factory=list)

    @property
    def is_going_on(self) -> bool:
        """Return whether the page should look again soon."""
        return any(deed is not None and deed.is_going_on for deed in (self.latest, self.cleaning))

    @property
    def run_folders(self) -> Amount:
        """Return the run folders that are there, of live runs too."""
        folders = [run for run in (self.survey.runs if self.survey else ()) if run.has_folder]
        sizes = [run.bytes for run in folders]
        return Amount(len(folders), None if None in sizes else sum(size or 0 for size in sizes))

    @property
    def orphan_bytes(self) -> int:
        """Return how much the orphans take, as far as it was measured."""
        return sum(orphan.bytes or 0 for orphan in self.orphans)

    @property
    def older_contents(self) -> list[tuple[int, int]]:
        """Return for each number of days the bytes in the caches that nobody has wanted for so long."""
        older = self.survey.blobs.older if self.survey else {}
        return sorted((int(days), size) for days, size in older.items() if size)


def space_on(target: ComputeTarget) -> TargetSpace:
    """Return what is known of the space on a target. What goes on is asked before what came of it: a clean-up that is
    over has asked for a survey, and a survey that is over has its answer."""
    cleaning = latest_errand(target, TargetErrand.Kind.CLEAN)
    latest = target.surveys.order_by("-pk").first()
    found = last_survey(target)
    survey = found.survey if found is not None else None
    return TargetSpace(
        environments=environments_there(target),
        latest=latest,
        cleaning=cleaning,
        looked_at=found.finished_at if found is not None else None,
        survey=survey,
        orphans=orphans_on(target, survey, found.started_at) if found is not None and survey is not None else [],
    )


def environments_there(target: ComputeTarget) -> Amount:
    """Return the environments that are ready, each prefix once; sizes were measured when they were built."""
    ready = TargetEnvironment.objects.filter(target=target, state=TargetEnvironment.State.READY).exclude(lock=None)
    sizes = dict(ready.order_by("pk").values_list("lock", "size_bytes"))
    return Amount(len(sizes), None if None in sizes.values() else sum(size or 0 for size in sizes.values()))

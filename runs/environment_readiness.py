"""Whether the environment that a project's current code needs is on a target already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from computes.environment_asking import digest_of, manages_environments
from computes.environment_files import asked_by, environment_file_of
from computes.errors import PreparationFailed
from computes.models import ComputeTarget, TargetEnvironment
from computes.project_overrides import own_image
from projects.configuration import aml_config_of
from projects.models import Snapshot
from runs.resolution import paths_of


@dataclass(frozen=True, slots=True)
class EnvironmentReadiness:
    """What a project's code needs on one target: `environment` is None when nobody has asked for it there yet;
    `problem` says why it cannot be asked for."""

    environment: TargetEnvironment | None = None
    problem: str = ""

    @property
    def can_be_prepared(self) -> bool:
        """Return whether a press on Prepare would do something."""
        waits = self.environment is None or self.environment.state in ("missing", "failed")
        return waits and not self.problem

    @property
    def build_seconds(self) -> float:
        """Return how long its last build took."""
        return sum(self.environment.seconds.values()) if self.environment else 0.0


def environments_for(snapshot: Snapshot | None, targets: Iterable[ComputeTarget]) -> Mapping[int, EnvironmentReadiness]:
    """Return for each target whose environments we make, by key, how the one for some code is."""
    managed = [target for target in targets if manages_environments(target)]
    if snapshot is None or not managed:
        return {}
    path = environment_file_of(paths_of(snapshot.digest, snapshot.project_id))
    try:
        asked = asked_by(snapshot, path)
    except PreparationFailed as error:
        return {target.pk: EnvironmentReadiness(problem=f"{error.text} {error.remedy}") for target in managed}
    config = aml_config_of(snapshot)
    digests = {target.pk: digest_of(replace(asked, image=own_image(target, config)), target) for target in managed}
    rows = TargetEnvironment.objects.filter(target__in=managed, digest__in=set(digests.values())).defer("packages")
    found = {(row.target_id, row.digest): row for row in rows}
    return {pk: EnvironmentReadiness(found.get((pk, digest))) for pk, digest in digests.items()}

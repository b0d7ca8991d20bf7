"""Whether the environments that a project's current code needs are on a target already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from computes.environment_asking import digests_of, manages_environments
from computes.models import ComputeTarget, TargetEnvironment
from computes.project_overrides import own_image
from projects.aml_config.folder import AmlConfig
from projects.configuration import aml_config_of
from projects.models import Snapshot
from runs.environment_needs import Need, needs_on


@dataclass(frozen=True, slots=True)
class EnvironmentReadiness:
    """One environment that a project's code needs on one target: `environment` is None when nobody has asked for it
    there yet; `problem` says why it cannot be asked for. `configurations` are the names of the run configurations that
    need it, `waiting` those whose runs fail until it is there, because they build nothing."""

    environment: TargetEnvironment | None = None
    problem: str = ""
    configurations: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()

    @property
    def can_be_prepared(self) -> bool:
        """Return whether a press on Prepare would do something."""
        waits = self.environment is None or self.environment.state in ("missing", "failed")
        return waits and not self.problem

    @property
    def build_seconds(self) -> float:
        """Return how long its last build took."""
        return sum(self.environment.seconds.values()) if self.environment else 0.0

    @property
    def run_configuration(self) -> str:
        """Return the run configuration that it is prepared for, empty where none needs to be named."""
        return self.configurations[0] if self.configurations else ""


@dataclass(frozen=True, slots=True)
class _Group:
    """Needs that come to one environment on a target, or that have one problem."""

    target: ComputeTarget
    digest: str
    problem: str
    needs: list[Need]


def environments_for(
    snapshot: Snapshot | None, targets: Iterable[ComputeTarget]
) -> Mapping[int, list[EnvironmentReadiness]]:
    """Return for each target whose environments we make, by key, how those are that some code needs there. Asks the
    database once, however many there are."""
    managed = [target for target in targets if manages_environments(target)]
    if snapshot is None or not managed:
        return {}
    config = aml_config_of(snapshot)
    groups = [group for target in managed for group in _groups_on(target, snapshot, config)]
    digests = {group.digest for group in groups if not group.problem}
    rows = TargetEnvironment.objects.filter(target__in=managed, digest__in=digests).defer("packages")
    found = {(row.target_id, row.digest): row for row in rows}
    judged: dict[int, list[EnvironmentReadiness]] = {}
    for group in groups:
        row = None if group.problem else found.get((group.target.pk, group.digest))
        judged.setdefault(group.target.pk, []).append(_readiness(group, row))
    return judged


def _groups_on(target: ComputeTarget, snapshot: Snapshot, config: AmlConfig) -> list[_Group]:
    needs = needs_on(target, snapshot)
    image = own_image(target, config)
    digests = digests_of([replace(need.asked, image=image) for need in needs], target)
    groups: dict[tuple[str, str], _Group] = {}
    for need, digest in zip(needs, digests, strict=True):
        key = (need.problem, "" if need.problem else digest)
        groups.setdefault(key, _Group(target, digest, need.problem, [])).needs.append(need)
    return list(groups.values())


def _readiness(group: _Group, row: TargetEnvironment | None) -> EnvironmentReadiness:
    is_there = row is not None and row.state == TargetEnvironment.State.READY
    return EnvironmentReadiness(
        row,
        group.problem,
        tuple(need.name for need in group.needs if need.name),
        () if is_there or group.problem else tuple(need.name for need in group.needs if not need.may_build),
    )

"""Which environments some code asks for, by its run configurations; those of runs without one come first."""

from dataclasses import dataclass, replace

from computes.environment_asking import Asked
from computes.environment_files import asked_by
from computes.errors import PreparationFailed
from computes.models import ComputeTarget
from computes.registry import refusal_for
from projects.aml_config.run_configuration_file import RunConfigurationFile
from projects.configuration import aml_config_of
from projects.kept_by_digest import KeptByDigest
from projects.models import Snapshot
from runs.resolution import environment_file_for, packages_refusal

MOST_KEPT = 16


@dataclass(frozen=True, slots=True)
class Need:
    """What runs by one run configuration need, without logins; `problem` says why it cannot be asked for.

    `configuration` is None for runs without one.
    """

    configuration: RunConfigurationFile | None
    asked: Asked
    problem: str = ""

    @property
    def name(self) -> str:
        """Return the name of the run configuration, empty for none."""
        return self.configuration.name if self.configuration else ""

    @property
    def target(self) -> str:
        """Return the name of the target that the run configuration is for."""
        return self.configuration.target.removesuffix(".compute") if self.configuration else ""

    @property
    def may_build(self) -> bool:
        """Return whether a run has its environment built where it is not there."""
        return self.configuration is None or self.configuration.prepare_environment


def needs_on(target: ComputeTarget, snapshot: Snapshot) -> list[Need]:
    """Return what the run configurations that name a target need there; where none does, what runs without a run
    configuration need."""
    without, *others = needs_of(snapshot)
    named = [need for need in others if need.target == target.name]
    return [_on_kind(target.kind, need) for need in named] or [without]


def _on_kind(kind: str, need: Need) -> Need:
    refusal = refusal_for(kind, need.configuration.framework) if need.configuration else None
    return replace(need, problem=refusal or need.problem)


def _read_needs(snapshot: Snapshot) -> tuple[Need, ...]:
    """Read each file of packages once, however many run configurations name it."""
    read: dict[str, tuple[Asked, str]] = {}
    needs = []
    named = aml_config_of(snapshot).run_configurations
    configurations: list[RunConfigurationFile | None] = [None, *(named[name] for name in sorted(named))]
    for configuration in configurations:
        path = environment_file_for(snapshot, configuration)
        if path not in read:
            read[path] = _read_file(snapshot, path)
        asked, problem = read[path]
        needs.append(Need(configuration, asked, packages_refusal(snapshot, configuration) or problem))
    return tuple(needs)


def _read_file(snapshot: Snapshot, path: str) -> tuple[Asked, str]:
    try:
        return replace(asked_by(snapshot, path), credentials={}), ""
    except PreparationFailed as error:
        return Asked(), error.in_full


needs_of: KeptByDigest[tuple[Need, ...]] = KeptByDigest(_read_needs, most=MOST_KEPT)

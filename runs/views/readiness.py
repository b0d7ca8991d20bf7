"""Whether a project is ready to run on each target, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User

from computes.kind_choices import kind_refusal
from computes.models import ComputeTarget
from computes.project_overrides import overruled_keys
from projects.aml_config.compute_file import ComputeFile
from projects.aml_config.compute_keys import DOCKER_KINDS
from projects.aml_config.effect import keys_without_effect_on
from projects.aml_config.folder import AmlConfig
from projects.models import Project
from runs.environment_readiness import EnvironmentReadiness, environments_for
from runs.views.target_choices import TargetChoice, choices_for

MADE = "made from the project's conda file"
OF_IMAGE = "those of the image"
OF_PYTHON = "those of the Python there"
OF_THE_PLACE = ("local",)


@dataclass(frozen=True, slots=True)
class Readiness:
    """One target for one project: what stands in the way (`choice.refusal`), what answered, where packages come from,
    which keys of the project's own file have no effect, and the environments where we make them. `target` is None for
    one that only the file names."""

    choice: TargetChoice
    target: ComputeTarget | None
    packages: str
    silent_keys: tuple[str, ...]
    may_be_attached: bool
    environments: Sequence[EnvironmentReadiness] = ()

    @property
    def is_ready(self) -> bool:
        """Return whether a run could be sent there now."""
        return not self.choice.refusal and not self.choice.note


def readiness_of(user: User, project: Project, config: AmlConfig) -> list[Readiness]:
    """Return each target that the person sees or the project names, the ready ones first."""
    attached: dict[str, ComputeTarget] = {each.name: each for each in ComputeTarget.objects.visible_to(user)}
    environments = environments_for(project.current_snapshot, attached.values())
    return [
        _readiness(choice, attached.get(choice.name), config.computes.get(choice.name), environments)
        for choice in choices_for(user, project, config, None)
    ]


def _readiness(
    choice: TargetChoice,
    target: ComputeTarget | None,
    file: ComputeFile | None,
    environments: Mapping[int, Sequence[EnvironmentReadiness]],
) -> Readiness:
    silent: tuple[str, ...] = keys_without_effect_on(file) if file else ()
    if file and target:
        silent = tuple(dict.fromkeys((*silent, *overruled_keys(target, file))))
    is_missing = target is None and file is not None and not kind_refusal(file.kind)
    needed = environments.get(target.pk, ()) if target else ()
    return Readiness(choice, target, _packages(target, file), silent, is_missing, needed)


def _packages(target: ComputeTarget | None, file: ComputeFile | None) -> str:
    if target is not None:
        is_users, in_containers = target.user_managed_environment, target.is_in_containers
    elif file is not None:
        is_users, in_containers = file.user_managed_environment or file.kind in OF_THE_PLACE, file.kind in DOCKER_KINDS
    else:
        return OF_PYTHON
    return (OF_IMAGE if in_containers else OF_PYTHON) if is_users else MADE

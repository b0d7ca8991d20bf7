"""Whether a project is ready to run on each target, in words."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from computes.models import ComputeTarget
from projects.aml_config.effect import keys_without_effect_on
from projects.aml_config.folder import AmlConfig
from projects.models import Project
from runs.environment_readiness import EnvironmentReadiness, environments_for
from runs.views.target_choices import TargetChoice, choices_for


@dataclass(frozen=True, slots=True)
class Readiness:
    """One target for one project: what stands in the way (`choice.refusal`), what answered, what has no effect, and
    the environment where we make it."""

    choice: TargetChoice
    target: ComputeTarget | None
    silent_keys: tuple[str, ...]
    environment: EnvironmentReadiness | None = None

    @property
    def is_ready(self) -> bool:
        """Return whether a run could be sent there now."""
        return not self.choice.refusal and not self.choice.note


def readiness_of(user: User, project: Project, config: AmlConfig) -> list[Readiness]:
    """Return each target that the person sees or the project names, the ready ones first."""
    attached = {target.name: target for target in ComputeTarget.objects.visible_to(user)}
    environments = environments_for(project.current_snapshot, attached.values())
    return [
        Readiness(
            choice,
            attached.get(choice.name),
            keys_without_effect_on(config.computes[choice.name]) if choice.name in config.computes else (),
            environments.get(attached[choice.name].pk) if choice.name in attached else None,
        )
        for choice in choices_for(user, project, config, "Python")
    ]

"""Where a project's code may run, and where not and why: every target that a person sees or the project names."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from computes.host_keys import obstacle_on_the_way
from computes.kind_choices import usual_framework
from computes.models import ComputeTarget
from computes.registry import KNOWN_KINDS, refusal_for
from projects.aml_config.compute_file import ComputeFile
from projects.aml_config.folder import AmlConfig
from projects.models import Project
from runs.cluster_rules import share_folder_refusal
from runs.slot_use import SlotUse
from runs.target_rows import slots_in_use


@dataclass(frozen=True, slots=True)
class TargetChoice:
    """One target for one project. `refusal` says why it cannot be chosen; `note` what to know before choosing.
    Where an application gets executors, `takes` and `at_most` say what it takes without a word, and what it may."""

    name: str
    kind: str
    refusal: str
    note: str = ""
    slots: SlotUse | None = None
    takes: str = ""
    at_most: str = ""
    has_executors: bool = False


def choices_for(user: User, project: Project, config: AmlConfig, framework: str | None) -> list[TargetChoice]:
    """Return all targets: first those that can be chosen, and of these first those of which nothing is to be noted.

    Without a framework each target is judged by the one that is usual there.
    """
    usable = set(ComputeTarget.objects.usable_by(user, project).values_list("pk", flat=True))
    used = slots_in_use()
    attached = list(ComputeTarget.objects.visible_to(user))
    choices = [
        _choice_of(target, target.pk in usable, framework, config.computes.get(target.name), used.get(target.pk, 0))
        for target in attached
    ]
    names = {target.name for target in attached}
    choices += [
        TargetChoice(
            name,
            KNOWN_KINDS[compute.kind].title if compute.kind in KNOWN_KINDS else compute.type,
            refusal_for(compute.kind, framework or usual_framework(compute.kind))
            or f"There is no target {name} that you may use. Ask an administrator to attach one of this name, or to "
            "grant it to you or this project.",
        )
        for name, compute in sorted(config.computes.items())
        if name not in names
    ]
    return sorted(choices, key=lambda choice: (bool(choice.refusal), bool(choice.note)))


def first_usable(choices: list[TargetChoice]) -> str:
    """Return the name of the first target that can be chosen, "" when there is none."""
    return next((choice.name for choice in choices if not choice.refusal), "")


def _choice_of(
    target: ComputeTarget, is_usable: bool, framework: str | None, file: ComputeFile | None, used: int
) -> TargetChoice:
    refusal = refusal_for(target.kind, framework or usual_framework(target.kind)) or ""
    refusal = refusal or share_folder_refusal(target.kind, file)
    if not refusal and not target.is_on:
        refusal = "It is switched off. An administrator can turn it on."
    elif not refusal and not is_usable:
        refusal = "It is not granted to this project. Ask an administrator for a grant."
    note = ""
    if target.is_draining:
        note = f"It is being drained: new runs wait. {target.drain_reason}".strip()
    elif unknown := obstacle_on_the_way(target):
        note = unknown
    elif target.contact_problem:
        note = f"It did not answer lately: {target.contact_problem}"
    return TargetChoice(
        target.name,
        target.get_kind_display(),
        refusal,
        note,
        SlotUse(used, target.slots),
        target.default_resources.words,
        target.largest_resources.words,
        target.has_executors,
    )

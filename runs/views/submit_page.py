"""What the submit page is made of: the code, its scripts and run configurations, and the targets."""

from dataclasses import dataclass
from typing import Any, Self

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest

from projects.aml_config.folder import AmlConfig
from projects.aml_config.problems import Problem
from projects.configuration import aml_config_of
from projects.models import Project, Snapshot
from projects.scripts import likely_scripts, runnable_scripts
from runs.detached_targets import refusal_of_parents_target
from runs.forms.submission import PARENTS_CODE, SubmissionForm
from runs.forms.typed_text import arguments_in
from runs.models import Run
from runs.resolution import paths_of
from runs.views.submit_start import FormStart, configuration_named, silent_keys, start_of, unreadable, unusable
from runs.views.target_choices import choices_for, first_usable


@dataclass(frozen=True, slots=True)
class SubmitPage:
    """One visit of the submit page. `snapshot` is the code that will run; None when the project has none yet."""

    user: User
    project: Project
    parent: Run | None
    snapshot: Snapshot | None
    config: AmlConfig
    scripts: list[str]
    likely: frozenset[str]
    start: FormStart
    unusable: tuple[str, list[Problem]] | None

    @classmethod
    def of(cls, request: HttpRequest, project: Project) -> Self:
        """Read the address and the hidden fields: which run is repeated, with which code."""
        typed = request.POST if request.method == "POST" else request.GET
        parent = parent_of(project, typed.get("parent", ""))
        same_code = parent is not None and typed.get("code", PARENTS_CODE) == PARENTS_CODE
        snapshot = parent.snapshot if parent is not None and same_code else project.current_snapshot
        config = aml_config_of(snapshot) if snapshot else AmlConfig()
        scripts, likely = scripts_of(snapshot, config, parent) if snapshot else ([], frozenset())
        user = request.user
        assert isinstance(user, User)
        start = start_of(request.GET, config, parent, scripts)
        return cls(user, project, parent, snapshot, config, scripts, likely, start, unusable(request.GET, config))

    def context(self, form: SubmissionForm, rows: Any) -> dict[str, Any]:
        """Return what the template shows."""
        configuration = configuration_named(self.config, str(form["run_configuration"].value() or ""))
        inherited = configuration.framework if configuration else "Python"
        framework = str(form["framework"].value() or inherited)
        target = str(form["target"].value() or "")
        choices = choices_for(self.user, self.project, self.config, framework)
        chosen = next((choice for choice in choices if choice.name == target), None)
        instead = first_usable(choices)
        as_python = "" if instead or framework == "Python" else self.target_for_python()
        return {
            "page": self,
            "project": self.project,
            "form": form,
            "rows": rows,
            "configuration": configuration,
            "targets": choices,
            "target": target,
            "refusal": chosen.refusal if chosen else refusal_of_parents_target(self.parent, target),
            "instead": instead,
            "clusters": [choice for choice in choices if choice.has_executors and not choice.refusal],
            "as_python": as_python,
            "unreadable": unreadable(self.config),
            "silent_keys": silent_keys(self.config, configuration, target),
            **self.code_context(),
            **preview_of(str(form["arguments"].value() or "")),
        }

    def target_for_python(self) -> str:
        """Return a target that can run the script as plain Python, "" when there is none."""
        return first_usable(choices_for(self.user, self.project, self.config, "Python"))

    def code_context(self) -> dict[str, Any]:
        """Return which run is repeated, whether with its own code, and whether there is other code by now."""
        parent = self.parent
        return {
            "parent": parent,
            "has_same_code": parent is not None and self.snapshot == parent.snapshot,
            "has_newer_code": parent is not None and parent.snapshot_id != self.project.current_snapshot_id,
        }


def scripts_of(snapshot: Snapshot, config: AmlConfig, parent: Run | None) -> tuple[list[str], frozenset[str]]:
    """Return the scripts to choose from, and which of them are likely: those that look like it or that are named."""
    names = [each.script for each in config.run_configurations.values()] + ([parent.script] if parent else [])
    paths = paths_of(snapshot.digest, snapshot.project_id)
    named = [name for name in names if name and name in paths]
    return list(dict.fromkeys([*runnable_scripts(snapshot), *named])), likely_scripts(snapshot).union(named)


def parent_of(project: Project, number: str) -> Run | None:
    """Return the run that is repeated, None when none is named. An unknown number is a 404."""
    if not number:
        return None
    parent: Run | None = None
    if number.isascii() and number.isdigit() and len(number) < 10:
        parent = Run.objects.select_related("snapshot", "target").filter(project=project, number=int(number)).first()
    if parent is None:
        raise Http404
    return parent


def preview_of(line: str) -> dict[str, Any]:
    """Return the list of arguments that a line stands for, or what is wrong with it."""
    try:
        return {"arguments": arguments_in(line), "arguments_problem": ""}
    except ValidationError as error:
        return {"arguments": (), "arguments_problem": error.message}

"""What a fresh submit form holds: from a run that is repeated, a run configuration, and the address, in this order."""

from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from projects.aml_config.effect import keys_without_effect, keys_without_effect_on
from projects.aml_config.folder import RUN_CONFIGURATION_SUFFIX, AmlConfig
from projects.aml_config.problems import Problem
from projects.aml_config.reading import FOLDER
from projects.aml_config.run_configuration_file import RunConfigurationFile
from runs.forms.typed_text import line_of, time_in_words
from runs.models import Run
from runs.run_configuration import RunConfiguration


@dataclass(frozen=True, slots=True)
class FormStart:
    """First values of the form's fields, variables that are shown as rows, and names of secrets to type again."""

    fields: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    secret_names: tuple[str, ...] = ()


def start_of(query: QueryDict, config: AmlConfig, parent: Run | None, scripts: list[str]) -> FormStart:
    """Return the first values. What the address says wins.

    `?run_configuration=x` runs with a run configuration; `?values_of=x` only takes over what it holds, which leaves out
    its framework and its target.
    """
    fields: dict[str, Any] = {"script": scripts[0]} if len(scripts) == 1 else {}
    variables: dict[str, str] = {}
    secret_names: tuple[str, ...] = ()
    if parent is not None:
        asked = RunConfiguration.from_json(parent.configuration)
        inherited = configuration_named(config, asked.name)
        own = inherited.environment_variables if inherited else {}
        variables = {name: value for name, value in asked.environment_variables.items() if own.get(name) != value}
        secret_names = asked.secret_names
        fields |= fields_of_run(parent, asked)
    if chosen := configuration_named(config, query.get("run_configuration", "")):
        fields |= fields_of_configuration(chosen)
    elif taken := configuration_named(config, query.get("values_of", "")):
        fields |= fields_of_configuration(taken) | {"run_configuration": "", "target": ""}
        variables = {**taken.environment_variables, **variables}
    elif "run_configuration" in query:
        fields["run_configuration"] = ""
    fields |= {name: query[name] for name in ("script", "target", "arguments") if name in query}
    return FormStart(fields, variables, secret_names)


def fields_of_run(run: Run, asked: RunConfiguration) -> dict[str, Any]:
    """Return the fields as they were for an earlier run."""
    return {
        "script": asked.script,
        "framework": asked.framework,
        "arguments": line_of(asked.arguments),
        "target": run.target.name,
        "run_configuration": asked.name,
        "time_limit": time_in_words(asked.time_limit_seconds),
        "description": run.description,
        "tags": ", ".join(run.tags.values_list("name", flat=True)),
        **asked.resources,
    }


def fields_of_configuration(chosen: RunConfigurationFile) -> dict[str, Any]:
    """Return the fields as a run configuration fills them."""
    fields: dict[str, Any] = {
        "run_configuration": chosen.name,
        "framework": "",
        "target": chosen.target,
        "arguments": line_of(chosen.arguments),
        "time_limit": time_in_words(chosen.time_limit_seconds),
    }
    return fields | ({"script": chosen.script} if chosen.script else {})


def configuration_named(config: AmlConfig, name: str) -> RunConfigurationFile | None:
    """Return the run configuration of a name, with or without its ending."""
    return config.run_configurations.get(name.removesuffix(".runconfig"))


def unusable(query: QueryDict, config: AmlConfig) -> tuple[str, list[Problem]] | None:
    """Return the name of the run configuration that the address asks for in vain, and the errors in its file.

    Without errors there is no such file; None when nothing is asked for or the configuration can be used.
    """
    asked = query.get("run_configuration", "") or query.get("values_of", "")
    name = asked.removesuffix(RUN_CONFIGURATION_SUFFIX)
    if not name or configuration_named(config, name):
        return None
    return name, unreadable(config).get(name, [])


def unreadable(config: AmlConfig) -> dict[str, list[Problem]]:
    """Return the run configurations that cannot be used, by name, with the errors in their files."""
    found: dict[str, list[Problem]] = {}
    for problem in config.problems:
        if problem.severity == "error" and problem.file.endswith(RUN_CONFIGURATION_SUFFIX):
            name = problem.file.removeprefix(f"{FOLDER}/").removesuffix(RUN_CONFIGURATION_SUFFIX)
            found.setdefault(name, []).append(problem)
    return {name: problems for name, problems in found.items() if name not in config.run_configurations}


def silent_keys(config: AmlConfig, configuration: RunConfigurationFile | None, target: str) -> list[tuple[str, str]]:
    """Return (file, key) of each key that does nothing in this combination."""
    silent: list[tuple[str, str]] = []
    if configuration is not None:
        silent += [(f"{configuration.name}.runconfig", key) for key in keys_without_effect(configuration)]
    if compute := config.computes.get(target):
        silent += [(f"{target}.compute", key) for key in keys_without_effect_on(compute)]
    return silent

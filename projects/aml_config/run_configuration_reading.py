"""Makes a RunConfigurationFile of the map in a `<name>.runconfig` file."""

from typing import cast

from projects.aml_config.fields import Fields
from projects.aml_config.findings import Findings, shortened
from projects.aml_config.nodes import MapNode, ScalarNode
from projects.aml_config.project_paths import project_path_of
from projects.aml_config.run_configuration_file import FrameworkName, RunConfigurationFile
from projects.aml_config.run_configuration_keys import (
    DEFAULT_CONDA_FILE,
    DEFAULT_SPARK_FILE,
    FRAMEWORKS,
    RUN_CONFIGURATION_KEYS,
    SCRIPT_PLACEHOLDER,
    SUCCESSOR_NAMES,
)


def run_configuration_from(name: str, node: MapNode, findings: Findings) -> RunConfigurationFile:
    """Return the run configuration that a map describes."""
    fields = Fields(findings, node, RUN_CONFIGURATION_KEYS, SUCCESSOR_NAMES)
    target = fields.text("Target")
    if "Target" not in fields.given:
        findings.error(node, "`Target` is missing.", "Add `Target: name`, the name of a compute target.")
    script, arguments = _script_and_arguments(fields)
    framework = cast(FrameworkName, fields.choice("Framework", FRAMEWORKS) or "PySpark")
    return RunConfigurationFile(
        name=name,
        target=target or "",
        script=script,
        arguments=arguments,
        framework=framework,
        environment_variables=_environment_variables(fields),
        conda_dependencies_file=_dependency_file(fields, "CondaDependenciesFile", DEFAULT_CONDA_FILE),
        spark_dependencies_file=_dependency_file(fields, "SparkDependenciesFile", DEFAULT_SPARK_FILE),
        prepare_environment=fields.boolean("PrepareEnvironment") is not False,
        tracked_run=fields.boolean("TrackedRun") is not False,
        time_limit_seconds=_time_limit(fields),
        use_sampling=fields.boolean("UseSampling") is not False,
        data_source_settings=_samples(fields),
        data_source_substitutions=fields.text_map("DataSourceSubstitutions"),
        notes=_notes(fields),
        given=fields.given,
        unknown=fields.unknown,
    )


def _script_and_arguments(fields: Fields) -> tuple[str | None, tuple[str, ...]]:
    vector, entry = fields.texts("ArgumentVector"), fields.entry("ArgumentVector")
    if not vector or entry is None:
        return None, ()
    if SCRIPT_PLACEHOLDER in vector[1:]:
        text = f"{SCRIPT_PLACEHOLDER} stands for the script only as the first item; here it is an ordinary argument."
        fields.findings.warning(entry.value, text, "Move it to the front.")
    if vector[0] == SCRIPT_PLACEHOLDER:
        return None, vector[1:]
    script = project_path_of(vector[0])
    if script is None:
        text = f"{shortened(vector[0])} is not a path inside the project."
        fields.findings.error(entry.value, text, f"Begin the list with {SCRIPT_PLACEHOLDER} or with a script's path.")
    return script, vector[1:]


def _environment_variables(fields: Fields) -> dict[str, str]:
    entry = fields.entry("EnvironmentVariables")
    variables = fields.text_map("EnvironmentVariables")
    for name in variables:
        if not name or "=" in name or any(character.isspace() or not character.isprintable() for character in name):
            text = f"{shortened(name)} cannot be the name of an environment variable."
            fields.findings.error(entry.value if entry else None, text, "Use letters, digits and underscores.")
    return variables


def _dependency_file(fields: Fields, name: str, default: str) -> str | None:
    if fields.says_null(name):
        return None
    text, entry = fields.text(name), fields.entry(name)
    if text is None or entry is None:
        return default
    path = project_path_of(text)
    if path is None:
        remedy = f"Write a path from the project's root, for example {default}."
        fields.findings.error(entry.value, f"`{name}` is not a path inside the project.", remedy)
    return path


def _time_limit(fields: Fields) -> int | None:
    successor, own = fields.seconds("MaxRunDurationSeconds"), fields.seconds("TimeLimitSeconds")
    entry = fields.entry("TimeLimitSeconds")
    if successor and own and successor != own and entry:
        text = "`TimeLimitSeconds` and `MaxRunDurationSeconds` mean the same and differ."
        fields.findings.error(entry.value, text, "Keep one of the two.")
    return own or successor


def _samples(fields: Fields) -> dict[str, str]:
    """Read `<x>.dsource: {Sampling: {Sample: name}}` as a map of data sources to the names of their samples."""
    samples: dict[str, str] = {}
    for entry in fields.map_entries("DataSourceSettings"):
        if isinstance(entry.value, ScalarNode) and entry.value.is_null:
            continue
        sampling = entry.value.find("Sampling") if isinstance(entry.value, MapNode) else None
        sample = sampling.value.find("Sample") if sampling and isinstance(sampling.value, MapNode) else None
        if sample is None or not isinstance(sample.value, ScalarNode):
            what = f"The setting of {shortened(entry.key.text)} does not name a sample."
            fields.findings.warning(entry.value, what, "Write `Sampling: {Sample: name}` below it.")
        else:
            samples[entry.key.text] = sample.value.text
    return samples


def _notes(fields: Fields) -> tuple[str, ...]:
    notes: list[str] = []
    if "Framework" not in fields.given:
        notes.append("Framework is not given: PySpark, as the format has it.")
    if "PrepareEnvironment" not in fields.given:
        notes.append("PrepareEnvironment is not given: the environment is prepared when needed.")
    return tuple(notes)

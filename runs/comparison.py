"""What runs have in common and where they differ, section by section, differences first."""

from collections.abc import Callable, Mapping, Sequence

from projects.aml_config.spark_properties import without_secrets
from projects.models import Snapshot
from projects.snapshots import manifest_of_snapshot
from runs.compared_lines import ABSENT, Line, Section
from runs.compared_metrics import metrics_of
from runs.models import Run
from runs.run_configuration import RunConfiguration

HIDDEN = "•••••• (secret)"


def compare(runs: Sequence[Run]) -> list[Section]:
    """Return the sections of a comparison; the first run is the base."""
    configurations = [RunConfiguration.from_json(run.configuration) for run in runs]
    return [
        metrics_of(runs),
        arguments_of(configurations),
        settings_of(runs, configurations),
        spark_of(configurations),
        variables_of(configurations),
        packages_of(runs),
    ]


def settings_of(runs: Sequence[Run], configurations: Sequence[RunConfiguration]) -> Section:
    """Return script, place and code."""
    facts: dict[str, Callable[[Run, RunConfiguration], str]] = {
        "script": lambda run, asked: asked.script,
        "run configuration": lambda run, asked: asked.name or ABSENT,
        "target": lambda run, asked: f"{asked.target} (detached)" if run.target.is_detached else asked.target,
        "framework": lambda run, asked: asked.framework,
        "conda dependencies": lambda run, asked: asked.conda_dependencies_file or ABSENT,
        "Spark dependencies": lambda run, asked: asked.spark_dependencies_file or ABSENT,
        "Spark packages": lambda run, asked: ", ".join(asked.spark_settings.packages) or ABSENT,
        "application takes": lambda run, asked: asked.asked_resources.words or ABSENT,
        "time limit": lambda run, asked: f"{asked.time_limit_seconds} s" if asked.time_limit_seconds else "none",
        "code": lambda run, asked: str(run.snapshot),
        "interpreter": lambda run, asked: run.interpreter_version or run.interpreter or ABSENT,
    }
    pairs = list(zip(runs, configurations, strict=True))
    return Section(
        "Configuration and code",
        tuple(Line(name, tuple(fact(*pair) for pair in pairs)) for name, fact in facts.items()),
    )


def spark_of(configurations: Sequence[RunConfiguration]) -> Section:
    """Return the properties that Spark was asked for, without secrets."""
    maps = [without_secrets(asked.spark_settings.configuration) for asked in configurations]
    return Section("Spark properties", _lines(maps))


def arguments_of(configurations: Sequence[RunConfiguration]) -> Section:
    """Return the arguments: by the name of the option where they have one, otherwise by their position."""
    return Section("Arguments", _lines([named_arguments(asked.arguments) for asked in configurations]))


def named_arguments(arguments: Sequence[str]) -> dict[str, str]:
    """Return arguments by name: `--rate 0.1` and `--rate=0.1` as --rate, a flag as "given", others as "argument N"."""
    named: dict[str, str] = {}
    position, rest = 0, list(arguments)
    while rest:
        first = rest.pop(0)
        if not first.startswith("-") or _is_number(first):
            position += 1
            named[f"argument {position}"] = first
            continue
        option, sign, value = first.partition("=")
        if not sign:
            takes_value = bool(rest) and (not rest[0].startswith("-") or _is_number(rest[0]))
            value = rest.pop(0) if takes_value else "given"
        named[option] = f"{named[option]} {value}" if option in named else value
    return named


def variables_of(configurations: Sequence[RunConfiguration]) -> Section:
    """Return the environment variables; of secret ones only that they are there."""
    maps = [
        {**dict(asked.environment_variables), **dict.fromkeys(asked.secret_names, HIDDEN)} for asked in configurations
    ]
    return Section("Environment variables", _lines(maps))


def packages_of(runs: Sequence[Run]) -> Section:
    """Return the installed packages with their versions."""
    return Section("Installed packages", _lines([run.packages for run in runs]))


def changed_files(base: Snapshot, other: Snapshot) -> list[str]:
    """Return in words which files differ between two snapshots."""
    before = {entry.path: entry for entry in manifest_of_snapshot(base)}
    after = {entry.path: entry for entry in manifest_of_snapshot(other)}
    paths = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    return [
        f"{'added' if path not in before else 'removed' if path not in after else 'changed'}: {path}" for path in paths
    ]


def _lines(maps: Sequence[Mapping[str, str]]) -> tuple[Line, ...]:
    names = dict.fromkeys(name for values in maps for name in values)
    return tuple(Line(name, tuple(str(values.get(name, ABSENT)) for values in maps)) for name in names)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
